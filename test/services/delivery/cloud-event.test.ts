import fc from 'fast-check'
import t from 'tap'
import { cloudEventJson } from '../../../services/delivery/cloud-event.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { jsonText } from '../../json-documents.ts'

const toCloudEvent = (event: QueuedEvent) => JSON.parse(cloudEventJson(event)) as Record<string, unknown>

const EVENT: QueuedEvent = { id: 'e1', type: 'telemetry-data', payload: { t: 1 }, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z' }

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
  t.match(toCloudEvent({ ...EVENT, attributes: posted }), posted, 'of an event without one they are attributes like others')
})
