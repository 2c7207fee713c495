/*
 * Bodies of the routes for events, for the API description. A test posts each of them.
 */
import type { Examples } from '../../../../services/problem/problem-schema.ts'

/** An event without an id, so that every post of it is a new one. */
const STATE = { type: 'device-state-change', payload: { device: 'valve-3', state: 'open' } }

const ALARM = {
  type: 'critical-alarm',
  payload: { boiler: 7, pressureBar: 11.8 },
  priority: 1,
  organizationId: 'acme',
  id: 'alarm-2026-0007',
  occurredAt: '2026-11-29T12:00:00Z'
}

const CLOUD_EVENT = {
  specversion: '1.0',
  id: 'A234-1234-1234',
  source: '/boilers/7',
  type: 'critical-alarm',
  time: '2026-11-29T12:00:00Z',
  priority: 1,
  datacontenttype: 'application/json',
  data: { pressureBar: 11.8 }
}

const OTHER_CLOUD_EVENT = {
  specversion: '1.0', id: 'A234-1234-1235', source: '/boilers/8', type: 'telemetry-data', data: { pressureBar: 1.1 }
}

export const eventExamples: Examples = {
  minimal: { summary: 'An event with the priority of its type', value: STATE },
  complete: { summary: 'A critical event with an id of the producer', value: ALARM }
}

export const cloudEventExamples: Examples = {
  structured: { summary: 'A structured CloudEvent with a priority', value: CLOUD_EVENT }
}

export const arrayExamples: Examples = {
  array: { summary: 'Two events', value: [STATE, ALARM] }
}

export const cloudEventBatchExamples: Examples = {
  batch: { summary: 'Two CloudEvents', value: [CLOUD_EVENT, OTHER_CLOUD_EVENT] }
}

export const streamExamples: Examples = {
  lines: { summary: 'Two events, one in each line', value: `${JSON.stringify(STATE)}\n${JSON.stringify(ALARM)}\n` }
}

export const readingExamples: Examples = {
  device: {
    summary: 'Two variables of a device',
    value: { deviceId: 'boiler-7', values: { temperature: 81.5, pressureBar: 1.1 }, time: '2026-11-29T12:00:00Z' }
  },
  sensor: {
    summary: 'A sensor of an organization',
    value: { sensorId: 'door-2', values: { open: true, cause: null }, organizationId: 'acme', id: 'reading-2026-0001' }
  }
}
