import fc from 'fast-check'
import t from 'tap'
import { PriorityMap } from '../../../services/event/priority-map.ts'
import type { RequestHeaders } from '../../../services/event/request-headers.ts'
import { RequestHead, type IntakeForm } from '../../../services/intake/request-head.ts'
import { ANONYMOUS } from '../../../services/producer/producer.ts'

const NOW = Date.parse('2026-03-01T10:00:00.000Z')
const PRIORITIES = new PriorityMap({ 'critical-alarm': 1, 'telemetry-data': 4 }, 5)

const headOf = (headers: RequestHeaders, form: IntakeForm = 'event') => new RequestHead(headers, form, PRIORITIES)
const contextOf = (headers: RequestHeaders) => headOf(headers).context(NOW)
const sure = (headers: RequestHeaders, form: IntakeForm = 'event') => headOf(headers, form).surePriority

t.test('takes from the headers all that concerns the events', async (t) => {
  const table: [headers: Record<string, string>, context: object][] = [
    [{}, { priority: undefined, type: undefined }],
    [{ 'x-event-priority': '3' }, { priority: 3, type: undefined }],
    [{ 'x-event-type': 'alarm' }, { priority: undefined, type: 'alarm' }],
    [{ 'x-event-priority': '10', 'x-event-type': '' }, { priority: 10, type: undefined }],
    [{ 'x-event-durability': 'synced', 'idempotency-key': 'k' }, {
      priority: undefined,
      type: undefined,
      durability: 'synced',
      idempotencyKey: 'k'
    }]
  ]
  for (const [headers, context] of table) {
    t.strictSame(contextOf(headers), {
      ok: true,
      context: {
        producer: ANONYMOUS,
        idempotencyKey: undefined,
        durability: 'queued',
        trace: undefined,
        ...context,
        receivedAt: '2026-03-01T10:00:00.000Z'
      }
    })
  }
  t.match(contextOf({ 'x-event-type': ['a', 'b'] }), { ok: true, context: { type: undefined } })
})

t.test('names every header that is wrong', async (t) => {
  const wrong = { 'x-event-priority': '0', 'x-event-durability': 'forever', 'idempotency-key': 'k'.repeat(257) }
  t.strictSame(contextOf(wrong), {
    ok: false,
    errors: [
      { field: 'X-Event-Priority', message: 'Expected an integer from 1 to 10' },
      { field: 'X-Event-Durability', message: 'Expected one of queued, synced, spooled' },
      { field: 'Idempotency-Key', message: 'Expected 1 to 256 characters' }
    ]
  })
  t.strictSame(contextOf({ 'x-event-priority': 'high' }), {
    ok: false, errors: [{ field: 'X-Event-Priority', message: 'Expected an integer from 1 to 10' }]
  })
})

t.test('takes an integer from 1 to 10 for a priority, and nothing else', async (t) => {
  const table: [value: string | string[] | undefined, priority: number | undefined][] = [
    [undefined, undefined], ['1', 1], ['5', 5], ['10', 10]
  ]
  for (const [value, priority] of table) t.equal(sure({ 'x-event-priority': value }), priority, JSON.stringify(value))
  const wrong = [
    '0', '00', '01', '09', '010', '11', '99', '100', '001', '', ' 1', '1 ', '+1', '-1', '1.0', '1e0', '0x1', 'one', '١', '1, 2', ['1']
  ]
  for (const value of wrong) {
    t.equal(sure({ 'x-event-priority': value }), undefined, JSON.stringify(value))
    t.notOk(contextOf({ 'x-event-priority': value }).ok, JSON.stringify(value))
  }
  t.doesNotThrow(() => fc.assert(fc.property(fc.oneof(fc.string(), fc.integer().map(String)), (value) => {
    const priority = sure({ 'x-event-priority': value })
    return priority === undefined || (Number.isInteger(priority) && priority >= 1 && priority <= 10)
  })))
})

t.test('knows the priority before the body from the header first, then as the form of the body allows', async (t) => {
  const binary = { 'ce-specversion': '1.0', 'ce-type': 'critical-alarm' }
  const table: [claim: string, headers: Record<string, string>, form: IntakeForm, priority: number | undefined][] = [
    ['an event says it in its body', {}, 'event', undefined],
    ['its type is no more than a fallback', { 'x-event-type': 'critical-alarm' }, 'event', undefined],
    ['the header wins', { 'x-event-priority': '2', ...binary }, 'event', 2],
    ['a wrong header leaves it open', { 'x-event-priority': 'high', ...binary }, 'event', undefined],
    ['a binary CloudEvent tells its type', binary, 'event', 1],
    ['and its priority, however it is quoted', { ...binary, 'ce-priority': '"7"' }, 'event', 7],
    ['percent-encoded too', { ...binary, 'ce-priority': '%37' }, 'event', 7],
    ['a wrong attribute leaves it open', { ...binary, 'ce-priority': 'x' }, 'event', undefined],
    [
      'a structured CloudEvent is not binary',
      { ...binary, 'content-type': 'application/cloudevents+json' },
      'event',
      undefined
    ],
    ['attributes without a version are none', { 'ce-type': 'critical-alarm' }, 'event', undefined],
    ['a reading has a type', {}, 'reading', 4],
    ['and the header wins', { 'x-event-priority': '9' }, 'reading', 9],
    ['events of a batch have any', binary, 'batch', undefined],
    ['unless the header says it', { 'x-event-priority': '9' }, 'batch', 9]
  ]
  for (const [claim, headers, form, priority] of table) t.equal(sure(headers, form), priority, claim)
})

t.test('tells a stream and a binary CloudEvent by the headers', async (t) => {
  const streams = [
    'application/x-ndjson',
    'Application/X-NDJSON',
    'application/jsonl; charset=utf-8',
    ' application/ndjson ;x'
  ]
  for (const type of streams) t.ok(headOf({ 'content-type': type }).isStream, type)
  t.notOk(headOf({ 'content-type': 'application/json' }).isStream)
  t.ok(headOf({ 'ce-specversion': '1.0' }).isBinaryCloudEvent)
  t.notOk(headOf({ 'ce-id': '1', 'ce-type': 'x' }).isBinaryCloudEvent)
})
