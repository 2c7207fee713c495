import fc from 'fast-check'
import t from 'tap'
import {
  cloudEventErrors, cloudEventJson, fromBinaryHeaders, fromCloudEvent, type CloudEvent
} from '../../../services/event/cloud-event.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { jsonText } from '../../json-documents.ts'

const MINIMAL: CloudEvent = { specversion: '1.0', id: '1', source: '/s', type: 'x' }

t.test('maps its attributes to fields and keeps those that have none', async (t) => {
  const table: [cloudEvent: CloudEvent & Record<string, unknown>, event: object][] = [
    [MINIMAL, { id: '1', type: 'x', payload: undefined, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: undefined }, { id: '1', type: 'x', payload: undefined, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: 0 }, { id: '1', type: 'x', payload: 0, attributes: { source: '/s' } }],
    [{ ...MINIMAL, data: false, datacontenttype: 'application/json' }, {
      id: '1',
      type: 'x',
      payload: false,
      attributes: { source: '/s' }
    }],
    [{ ...MINIMAL, time: '2026-03-01T10:00:00Z', priority: 2, organizationid: 'o', data: {} }, {
      id: '1',
      type: 'x',
      payload: {},
      occurredAt: '2026-03-01T10:00:00Z',
      priority: 2,
      organizationId: 'o',
      attributes: { source: '/s' }
    }],
    [{ ...MINIMAL, subject: 'p', dataschema: 'urn:x', sampled: true, rank: 7 }, {
      id: '1',
      type: 'x',
      payload: undefined,
      attributes: { source: '/s', subject: 'p', dataschema: 'urn:x', sampled: true, rank: 7 }
    }]
  ]
  for (const [cloudEvent, event] of table) t.strictSame(fromCloudEvent(cloudEvent), event)
})

t.test('names attributes that may not be', async (t) => {
  const table: [names: string[], wrong: string[]][] = [
    [[], []],
    [['subject', 'a1', 'x'.repeat(64)], []],
    [['data_base64'], ['data_base64']],
    [['Upper', 'snake_case', 'with-dash', '', 'x'.repeat(65), 'ümlaut', 'fine'], [
      'Upper',
      'snake_case',
      'with-dash',
      '',
      'x'.repeat(65),
      'ümlaut'
    ]]
  ]
  for (const [names, wrong] of table) {
    const cloudEvent = { ...MINIMAL, ...Object.fromEntries(names.map((name) => [name, 'value'])) }
    t.strictSame(cloudEventErrors(cloudEvent).map(({ field }) => field), wrong)
  }
})

t.test('builds the JSON form of a binary one from ce-* headers alone', async (t) => {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'a%20b',
    'ce-source': '/s%',
    'ce-priority': '7',
    'ce-data': 'x',
    'ce-data_base64': 'x',
    'ce-rank': '7',
    'content-type': 'application/json',
    ce: 'x',
    'x-event-priority': '1',
    'ce-many': ['a', 'b'],
    'ce-none': undefined
  }
  t.strictSame(fromBinaryHeaders(headers, { level: 1 }), {
    data: { level: 1 },
    specversion: '1.0',
    id: 'a b',
    source: '/s%',
    priority: 7,
    rank: '7'
  })
  t.notOk('data' in fromBinaryHeaders({ 'ce-id': '1' }, undefined), 'without a body there is no data')
  t.equal(
    fromBinaryHeaders({ 'ce-priority': 'high' }, 1).priority,
    'high',
    'a priority in words is left for the schema to refuse'
  )
})

const toCloudEvent = (event: QueuedEvent) => JSON.parse(cloudEventJson(event)) as Record<string, unknown>

const EVENT: QueuedEvent = {
  id: 'e1',
  type: 'telemetry-data',
  payload: { t: 1 },
  priority: 5,
  receivedAt: '2026-03-01T12:00:00.000Z'
}

t.test('fills in what CloudEvents 1.0 requires', async (t) => {
  t.strictSame(toCloudEvent(EVENT), {
    specversion: '1.0',
    id: 'e1',
    source: '/spillway',
    type: 'telemetry-data',
    time: '2026-03-01T12:00:00.000Z',
    datacontenttype: 'application/json',
    priority: 5,
    attempt: 1,
    data: { t: 1 }
  })
})

t.test('tells the organization, the attempt and when it occurred where they are known', async (t) => {
  t.match(toCloudEvent({ ...EVENT, organizationId: 'acme', attempt: 3, occurredAt: '2026-03-01T11:00:00+01:00' }), {
    organizationid: 'acme', attempt: 3, time: '2026-03-01T11:00:00+01:00'
  })
})

t.test('passes other attributes on, and lets none of them speak for Spillway', async (t) => {
  const attributes = {
    source: '/sensors/7', subject: 'engine', traceparent: '00-1', sampled: true, sequence: 4,
    id: 'forged', type: 'forged', specversion: '0.3', time: 'never', data: 'forged', data_base64: 'AAAA',
    datacontenttype: 'text/xml', priority: 1, organizationid: 'forged', attempt: 9
  }
  t.strictSame(toCloudEvent({ ...EVENT, attributes }), {
    ...toCloudEvent(EVENT), source: '/sensors/7', subject: 'engine', traceparent: '00-1', sampled: true, sequence: 4
  })
})

t.test('names itself as the source where the attribute is no text', async (t) => {
  for (const source of ['', 5, true]) t.equal(toCloudEvent({ ...EVENT, attributes: { source } }).source, '/spillway')
})

t.test('carries any payload byte for byte as it was posted', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(jsonText, (posted) => {
    const payloadText = posted.trim()
    const json = cloudEventJson({ ...EVENT, payload: JSON.parse(payloadText), payloadText })
    return (
      json.endsWith(`,"data":${payloadText}}`) &&
      JSON.stringify(JSON.parse(json).data) === JSON.stringify(JSON.parse(payloadText))
    )
  })))
  t.match(cloudEventJson(EVENT), ',"data":{"t":1}}', 'without a text of its own it is written')
})

t.test('an event without a payload has no data, one with null has null', async (t) => {
  const { data: _, datacontenttype: __, ...bare } = toCloudEvent(EVENT)
  t.strictSame(toCloudEvent({ ...EVENT, payload: undefined }), bare)
  t.equal(toCloudEvent({ ...EVENT, payload: null }).data, null)
})

t.test('an event of a trace carries it in the attributes for that, whatever was posted there', async (t) => {
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  const posted = { traceparent: 'nonsense', tracestate: 'k=v', subject: 'engine' }
  t.match(toCloudEvent({ ...EVENT, trace: { ...trace, tracestate: 'a=1' } }), { ...trace, tracestate: 'a=1' })
  const { traceparent, tracestate, subject } = toCloudEvent({ ...EVENT, trace, attributes: posted })
  t.strictSame({ traceparent, tracestate, subject }, { ...trace, tracestate: undefined, subject: 'engine' })
  t.match(
    toCloudEvent({ ...EVENT, attributes: posted }),
    posted,
    'of an event without one they are attributes like others'
  )
})
