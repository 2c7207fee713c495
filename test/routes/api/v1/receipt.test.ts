import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { QueuedEvent } from '../../../../services/event/event.ts'
import type { Outcome } from '../../../../services/event/outcome.ts'
import { eventHandler, post, postBatch, startApp } from '../../../app.ts'
import { bullmqOf } from '../../../bullmq.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { decodeEvents } from '../../../../services/queue/batch-data.ts'
import { startTaking } from '../../../services/queue/setup.ts'
import { assertProblem } from './setup.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const CLOUD_EVENT = { specversion: '1.0', id: 'c', source: '/plant a', type: 'x' }

function ask (app: FastifyInstance, id: string, query: Record<string, string> = {}) {
  return app.inject({ method: 'GET', url: `/api/v1/events/${encodeURIComponent(id)}`, query })
}

/** Asserts the receipt of an event: all of it, where times may be any. */
async function assertReceipt (
  t: Test,
  app: FastifyInstance,
  id: string,
  expected: Record<string, unknown>,
  query: Record<string, string> = {}
) {
  const answer = await ask(app, id, query)
  const claim = `${id} is ${String(expected.status)}`
  t.strictSame([answer.statusCode, answer.headers['content-type']], [
    expected.status === 'unknown' ? 404 : 200,
    'application/json; charset=utf-8'
  ], claim)
  t.match(answer.json(), expected, claim)
  t.strictSame(Object.keys(answer.json()).toSorted(), Object.keys(expected).toSorted(), `${claim}, and says no more`)
}

/** Waits until an event is said to be where it is going. */
async function untilStatus (app: FastifyInstance, id: string, status: string): Promise<void> {
  await eventually(`${id} is ${status}`, async () => (await ask(app, id)).json().status === status)
}

async function postedId (app: FastifyInstance, event: object, headers: Record<string, string> = {}): Promise<string> {
  const answer = await post(app, event, headers)
  if (answer.statusCode !== 202) throw new Error(answer.body)
  return answer.json().id
}

/** API and worker in one; its handler does with an event what its payload says. */
async function startAll (t: Test, env: Record<string, string> = {}) {
  const release = Promise.withResolvers<void>()
  t.teardown(async () => release.resolve())
  const handle = async ({ payload }: QueuedEvent): Promise<Outcome> => {
    const outcome = payload as Outcome | 'wait'
    if (outcome !== 'wait') return outcome
    await release.promise
    return { status: 'done' }
  }
  const started = await startApp(t, { env: { ROLE: 'all', ...env }, handlers: [eventHandler(handle)] })
  return { ...started, release: () => release.resolve() }
}

const IN_QUEUE = { priority: 5, type: 'x', attempt: 1, receivedAt: TIME, enqueuedAt: TIME }

t.test('an event that no worker took is waiting', async (t) => {
  const { app } = await startApp(t)
  const before = new Date().toISOString()
  const id = await postedId(app, { type: 'x', payload: 1, priority: 2 })
  await assertReceipt(t, app, id, { ...IN_QUEUE, id, status: 'waiting', priority: 2 })
  const { receivedAt, enqueuedAt } = (await ask(app, id)).json()
  t.ok(before <= receivedAt && receivedAt <= enqueuedAt && enqueuedAt <= new Date().toISOString())
})

t.test('an event in work is active until it is done', async (t) => {
  const { app, release } = await startAll(t)
  const id = await postedId(app, { type: 'x', payload: 'wait' })
  await untilStatus(app, id, 'active')
  await assertReceipt(t, app, id, { ...IN_QUEUE, id, status: 'active', startedAt: TIME })
  const { startedAt } = (await ask(app, id)).json()
  release()
  await untilStatus(app, id, 'done')
  await assertReceipt(t, app, id, { id, status: 'done', priority: 5, enqueuedAt: TIME, startedAt, finishedAt: TIME })
})

t.test('an event that failed is retrying, and says when', async (t) => {
  const { app } = await startAll(t)
  const before = Date.now()
  const id = await postedId(app, { type: 'x', payload: { status: 'retry', reason: 'not now', delayMs: 3_600_000 } })
  await untilStatus(app, id, 'retrying')
  await assertReceipt(t, app, id, { ...IN_QUEUE, id, status: 'retrying', attempt: 2, nextAttemptAt: TIME })
  const { nextAttemptAt, enqueuedAt } = (await ask(app, id)).json()
  t.ok(Date.parse(nextAttemptAt) >= before + 3_600_000 && Date.parse(nextAttemptAt) <= Date.now() + 3_600_000)
  t.ok(
    Date.parse(enqueuedAt) <= Date.parse(nextAttemptAt) - 3_600_000,
    'it went into the queue when it came, not when it was put back'
  )
})

t.test('of a body of many events each has its own end', async (t) => {
  const { app } = await startAll(t, { RETRY_BACKOFF_MS: '1' })
  const payloads = [{ status: 'done' }, { status: 'dead', reason: 'unusable' }, {
    status: 'retry',
    reason: 'never works'
  }, { status: 'done' }]
  const { results } = (await postBatch(app, payloads.map((payload) => ({ type: 'x', payload })))).json()
  const ids: string[] = results.map(({ id }: { id: string }) => id)
  const deadLetter = { priority: 5, type: 'x', enqueuedAt: TIME, diedAt: TIME, deadLetterId: /^d-[0-9a-f]{32}$/ }
  const expected = [
    { status: 'done', priority: 5, enqueuedAt: TIME, startedAt: TIME, finishedAt: TIME },
    { ...deadLetter, status: 'dead-letter', attempt: 1, reason: 'refused' },
    { ...deadLetter, status: 'dead-letter', attempt: 3, reason: 'attempts-exhausted' },
    { status: 'done', priority: 5, enqueuedAt: TIME, startedAt: TIME, finishedAt: TIME }
  ]
  for (const [index, id] of ids.entries()) {
    await untilStatus(app, id, expected[index]!.status)
    await assertReceipt(t, app, id, { id, ...expected[index]! })
  }
  const enqueued = await Promise.all(ids.map(async (id) => (await ask(app, id)).json().enqueuedAt))
  t.equal(new Set(enqueued).size, 1, 'and all came at one time')
})

t.test('an event is found by what its producer calls it', async (t) => {
  const { app } = await startApp(t)
  const event = { type: 'x', payload: 1 }
  await postedId(app, { ...event, id: 'a' })
  await postedId(app, { ...event, id: 'b', organizationId: 'o' })
  await postedId(app, { ...event, id: 'a.b/c?d%20e é', priority: 1 })
  await postedId(app, CLOUD_EVENT, STRUCTURED)
  await postedId(app, { ...event, id: 'own' }, { 'idempotency-key': 'key' })
  await postBatch(app, [event, event], { 'idempotency-key': 'many' })
  const known = { ...IN_QUEUE, status: 'waiting' }
  await assertReceipt(t, app, 'a', { ...known, id: 'a' })
  await assertReceipt(t, app, 'b', { ...known, id: 'b' }, { organizationId: 'o' })
  await assertReceipt(t, app, 'a.b/c?d%20e é', { ...known, id: 'a.b/c?d%20e é', priority: 1 })
  await assertReceipt(t, app, 'c', { ...known, id: 'c' }, { source: '/plant a' })
  await assertReceipt(t, app, 'key', { ...known, id: 'own' })
  await assertReceipt(t, app, 'many#1', { ...known, id: /^5-2-.*\.1-[\w-]{8}$/ })
  const unknown = { status: 'unknown', keptSeconds: 600 }
  await assertReceipt(t, app, 'a', { ...unknown, id: 'a' }, { organizationId: 'o' })
  await assertReceipt(t, app, 'b', { ...unknown, id: 'b' })
  await assertReceipt(t, app, 'c', { ...unknown, id: 'c' })
  await assertReceipt(t, app, 'c', { ...unknown, id: 'c' }, { source: '/plant b' })
  t.equal(
    (await app.inject(`/api/v1/events/${'5-1-0-01a20a45-3dcd-71e9-8fd9-f4fb5f567963.0-AAAAAAAA'}`)).statusCode,
    404
  )
  t.equal(
    (await app.inject('/api/v1/events/batch')).statusCode,
    404,
    'a word that is also a folder is an id as any other'
  )
})

t.test('in a body with duplicates the others are found, by place and by id', async (t) => {
  const { app } = await startAll(t)
  const done = { status: 'done' }
  await postedId(app, { type: 'x', payload: done, id: 'twice' })
  const body = [{ type: 'x', payload: done }, { type: 'x', payload: done, id: 'twice' }, {
    type: 'x',
    payload: { status: 'dead', reason: 'unusable' },
    id: 'new'
  }, { type: 'x', payload: { ...done, status: 'dead', reason: 'no' } }]
  const { results } = (await postBatch(app, body)).json()
  t.strictSame(results.map(({ status }: { status: string }) => status), [
    'accepted',
    'duplicate',
    'accepted',
    'accepted'
  ])
  const statuses = ['done', 'done', 'dead-letter', 'dead-letter']
  for (const [index, { id }] of results.entries()) await untilStatus(app, id, statuses[index] as string)
  t.match((await ask(app, 'new')).json(), { reason: 'refused' })
  t.match((await ask(app, results[3].id)).json(), { id: results[3].id, reason: 'refused' })
})

t.test('is right between the end of a batch and its settlement', async (t) => {
  const { app, redis } = await startApp(t)
  const { take } = await startTaking(t, { redis })
  const { results } = (await postBatch(app, [1, 2].map((payload) => ({ type: 'x', payload })))).json()
  const job = await take()
  await app.queueMonitor.stop()
  await app.deadLetters.add(job.id as string, [{
    index: 1,
    deadLetter: {
      event: decodeEvents(job.id as string, job.data)[1]!,
      reason: 'refused',
      error: 'unusable',
      attempts: 1
    }
  }])
  await job.moveToCompleted({ done: 1, dead: 1, requeued: 0, deadIndexes: [1] }, 'token', false)
  t.equal(await bullmqOf(app).getCompletedCount(), 1)
  const before = await Promise.all(results.map(async ({ id }: { id: string }) => (await ask(app, id)).json()))
  t.match(before, [{ status: 'done', finishedAt: TIME }, { status: 'dead-letter', reason: 'refused' }])
  await app.queue.sample()
  t.equal(await bullmqOf(app).getCompletedCount(), 0)
  const after = await Promise.all(results.map(async ({ id }: { id: string }) => (await ask(app, id)).json()))
  t.match(after, [{ ...before[0], finishedAt: TIME }, before[1]])
})

t.test('a query that is wrong is told which field', async (t) => {
  const { app } = await startApp(t)
  const longest = 'é'.repeat(256)
  await postedId(app, { type: 'x', payload: 1, id: longest })
  await assertReceipt(t, app, longest, { ...IN_QUEUE, id: longest, status: 'waiting' })
  const table: [field: string, path: string][] = [
    ['id', 'x'.repeat(257)],
    ['id', encodeURIComponent('é'.repeat(1_000))],
    ['organizationId', 'x?organizationId='],
    ['source', `x?source=${'x'.repeat(2_049)}`],
    ['organisationId', 'x?organisationId=o'],
    ['organizationId', 'x?organizationId=a&organizationId=b']
  ]
  for (const [field, path] of table) {
    const answer = await app.inject(`/api/v1/events/${path}`)
    assertProblem(t, answer, 400, 'invalid-query', field)
    t.strictSame(answer.json().errors.map(({ field }: { field: string }) => field), [field])
  }
  t.equal((await app.inject('/api/v1/events/')).statusCode, 200, 'no id at all: the list of the latest')
  assertProblem(t, await app.inject('/api/v1/events/%ff'), 400, 'invalid-request', 'what is no text')
})

t.test('while Redis is away nobody can tell, and says so', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis })
  const id = await postedId(app, { type: 'x', payload: 1 })
  await redis.kill()
  const answer = await ask(app, id)
  assertProblem(t, answer, 503, 'queue-unavailable', 'Redis was killed')
  t.equal(answer.headers['retry-after'], '1')
  await redis.start()
  await eventually('Redis is back', async () => (await ask(app, id)).statusCode === 200)
  redis.pause()
  assertProblem(t, await ask(app, id), 503, 'queue-unavailable', 'Redis hangs')
  redis.resume()
  await untilStatus(app, id, 'waiting')
})

t.test('an event on local disk is spooled, while Redis is away and until it is in the queue', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical' } })
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  const event = { type: 'x', payload: 1, priority: 1 }
  const ids = [await postedId(app, event), await postedId(app, { ...event, id: 'own' })]
  for (const id of ids) await assertReceipt(t, app, id, { id, status: 'spooled', priority: 1, receivedAt: TIME })
  assertProblem(t, await ask(app, 'another'), 503, 'queue-unavailable', 'what the spool does not hold')
  await redis.start()
  for (const id of ids) {
    const seen = new Set<string>()
    await eventually(`${id} is in the queue`, async () => {
      const { status = 503 } = (await ask(app, id)).json()
      seen.add(String(status))
      return status === 'waiting'
    })
    t.notOk(seen.has('unknown'), 'it is at no time unknown')
    await assertReceipt(t, app, id, { ...IN_QUEUE, id, status: 'waiting', priority: 1 })
  }
})

t.test('a process that is only a worker does not tell', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'worker' } })
  assertProblem(t, await ask(app, 'x'), 404, 'not-found', 'no such route')
})
