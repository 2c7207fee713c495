/* Decisions by the head of a request, and those that need its body. */
import t from 'tap'
import { post } from '../../../app.ts'
import { assertInvalid, assertProblem, assertShed, startFilled, startOpen, TINIEST } from './setup.ts'

const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/machines/7', 'ce-type': 'started' }

t.test('refuses by the header before it looks at the body', async (t) => {
  const { app } = await startOpen(t, { BODY_LIMIT_BYTES: '4096' })
  const refused = { 'x-event-priority': '5' }
  const before = app.backpressure.rejectedCount
  const table: [claim: string, body: string, headers?: Record<string, string>][] = [
    ['a valid event', '{"type":"x","payload":1}'],
    ['a megabyte that is not JSON', '{'.repeat(1_000_000)],
    ['a body far above the limit', JSON.stringify({ type: 'x', payload: 'x'.repeat(100_000) })],
    ['a media type that is not taken', 'x', { 'content-type': 'image/png' }],
    ['an invalid event', '{}']
  ]
  for (const [claim, body, headers] of table) {
    assertShed(t, await post(app, body, { ...refused, ...headers }), {
      reason: 'circuit-open',
      circuitState: 'OPEN',
      queueDepth: 3,
      priority: 5
    }, claim)
  }
  t.equal(app.backpressure.rejectedCount - before, table.length, 'each is counted once')
  t.equal(
    (await post(app, { type: 'x', payload: 1, priority: 9 }, { 'x-event-priority': '1' })).statusCode,
    202,
    'a critical header gets in'
  )
  assertProblem(
    t,
    await post(app, '{', { 'x-event-priority': '1' }),
    400,
    'invalid-request',
    'and what it brings is looked at'
  )
})

t.test('decides after the body when only the body tells the priority', async (t) => {
  const { app } = await startOpen(t)
  assertProblem(t, await post(app, '{'), 400, 'invalid-request', 'malformed')
  assertProblem(
    t,
    await post(app, '{', { 'x-event-type': 'telemetry-data' }),
    400,
    'invalid-request',
    'the type of the header may yet be overruled'
  )
  assertInvalid(
    t,
    await post(app, '{}', { 'x-event-priority': 'high' }),
    ['X-Event-Priority'],
    'a header that is no priority says nothing'
  )
  assertShed(t, await post(app, { type: 'x', payload: 1 }), { reason: 'circuit-open', priority: 5 }, 'by default')
  assertShed(
    t,
    await post(app, { type: 'x', payload: 1, priority: 10 }),
    { reason: 'circuit-open', priority: 10 },
    'by body'
  )
  t.equal((await post(app, { type: 'critical-alarm', payload: 1 })).statusCode, 202, 'by type')
})

t.test('refuses a binary CloudEvent by its headers', async (t) => {
  const { app } = await startOpen(t)
  const malformed = (headers: Record<string, string>) => post(app, '{', { ...BINARY, ...headers })
  assertShed(t, await malformed({}), { priority: 5 }, 'the default')
  assertShed(t, await malformed({ 'ce-type': 'batch-operation' }), { priority: 10 }, 'by ce-type')
  assertShed(t, await malformed({ 'ce-type': 'critical-alarm', 'ce-priority': '4' }), { priority: 4 }, 'by ce-priority')
  assertShed(t, await malformed({ 'ce-type': '"batch-operation"' }), { priority: 10 }, 'by ce-type in quotes')
  assertShed(
    t,
    await malformed({ 'ce-type': 'critical-alarm', 'ce-priority': '"4"' }),
    { priority: 4 },
    'by ce-priority in quotes'
  )
  assertShed(
    t,
    await malformed({ 'ce-type': 'critical-alarm', 'x-event-priority': '3' }),
    { priority: 3 },
    'by X-Event-Priority'
  )
  assertProblem(t, await malformed({ 'ce-type': 'critical-alarm' }), 400, 'invalid-request', 'a critical one is read')
  t.equal((await post(app, {}, { ...BINARY, 'ce-type': 'critical-alarm' })).statusCode, 202)
})

t.test('lets a critical binary CloudEvent in whose type is percent-encoded or in quotes', async (t) => {
  const { app } = await startOpen(t, { EVENT_PRIORITIES: '{"fire alarm":1}' })
  t.equal((await post(app, {}, { ...BINARY, 'ce-type': 'fire%20alarm' })).statusCode, 202)
  t.equal((await post(app, {}, { ...BINARY, 'ce-id': 'ce-2', 'ce-type': '"fire alarm"' })).statusCode, 202)
})

t.test('refuses everything unread when even a critical event would be refused', async (t) => {
  const { app } = await startFilled(t, 4, TINIEST)
  assertShed(t, await post(app, '{'), { reason: 'queue-full', queueDepth: 4, priority: 1 }, 'malformed')
  assertShed(t, await post(app, '{', { 'x-event-priority': '1' }), { reason: 'queue-full' }, 'critical')
})
