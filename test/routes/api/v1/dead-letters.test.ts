import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { eventHandler, metric, post, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { storeDeadLetters, deadLetterOf } from '../../../services/dead-letters/setup.ts'
import { deadLettersIn } from '../../../services/queue/setup.ts'
import { assertProblem, occupy, startOpen } from './setup.ts'

const DEAD_LETTERS = '/api/v1/dead-letters'
const NO_ID = `d-${'0'.repeat(32)}`
const NO_REPLAY = '00000000-0000-4000-8000-000000000000'

const replay = (app: FastifyInstance, payload: unknown) =>
  app.inject({ method: 'POST', url: `${DEAD_LETTERS}/replay`, payload: payload as object })

function assertFields (t: Test, answer: Awaited<ReturnType<typeof replay>>, fields: readonly string[]): void {
  assertProblem(t, answer, 400, 'invalid-query', fields.join())
  t.strictSame(answer.json().errors.map(({ field }: { field: string }) => field), fields)
}

async function fill (app: FastifyInstance, count: number) {
  await storeDeadLetters(
    app.deadLetters,
    'batch',
    Array.from(
      { length: count },
      (_, index) => deadLetterOf(`e${index}`, { type: index % 2 === 0 ? 'even' : 'odd', organizationId: 'o' })
    )
  )
}

/** Opens a stream of events; answers them as they come. */
async function watch (t: Test, app: FastifyInstance, path: string) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const call = request({ host: '127.0.0.1', port, path, agent: false, headers: { accept: 'text/event-stream' } }).end()
  call.on('error', () => {})
  t.teardown(() => { call.destroy() })
  const [answer] = await once(call, 'response') as [IncomingMessage]
  let text = ''
  let isOver = false
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  }).on('end', () => {
    isOver = true
  }).on('error', () => {})
  return {
    answer,
    hangUp: () => { call.destroy() },
    isOver: () => isOver,
    events: () =>
      [...text.matchAll(/^event: progress\ndata: (.+)$/gm)].map(([, data]) =>
        JSON.parse(data as string) as { status: string, replayed: number }
      )
  }
}

t.test('a dead letter tells what became of its event', async (t) => {
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(() => ({ status: 'dead', reason: 'unusable' }))]
  })
  const { id } = (await post(app, { type: 'x', payload: { a: 1 }, organizationId: 'o' })).json()
  const [deadLetter] = await eventually(
    'it is dead',
    async () =>
      (await app.inject(DEAD_LETTERS)).json().deadLetters.length === 1 &&
      (await app.inject(DEAD_LETTERS)).json().deadLetters
  )
  t.match(deadLetter, {
    id: /^d-/,
    event: { id, type: 'x', payload: { a: 1 }, organizationId: 'o' },
    reason: 'refused',
    error: 'unusable',
    attempts: 1,
    diedAt: String,
    receivedAt: String
  })
  t.strictSame((await app.inject(`${DEAD_LETTERS}/${deadLetter.id}`)).json(), deadLetter)
  await eventually('it is counted', async () => await metric(app, 'spillway_dead_letters') === 1)
  t.equal((await app.inject({ method: 'DELETE', url: `${DEAD_LETTERS}/${deadLetter.id}` })).statusCode, 204)
  assertProblem(
    t,
    await app.inject({ method: 'DELETE', url: `${DEAD_LETTERS}/${deadLetter.id}` }),
    404,
    'not-found',
    'deleted twice'
  )
  assertProblem(t, await app.inject(`${DEAD_LETTERS}/${deadLetter.id}`), 404, 'not-found', 'deleted')
})

t.test('lists by filter and page', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 25)
  const ids: string[] = []
  let next: string | undefined
  do {
    const page =
      (await app.inject({
        url: DEAD_LETTERS,
        query: { type: 'even', organizationId: 'o', limit: '5', ...(next !== undefined && { cursor: next }) }
      })).json()
    ids.push(...page.deadLetters.map(({ event }: { event: { id: string } }) => event.id))
    next = page.next
  } while (next !== undefined)
  t.strictSame(ids, Array.from({ length: 13 }, (_, index) => `e${index * 2}`))
  t.equal(
    (await app.inject({ url: DEAD_LETTERS, query: { from: '2999-01-01T00:00:00Z' } })).json().deadLetters.length,
    0
  )
  t.equal(
    (await app.inject({ url: DEAD_LETTERS, query: { to: '2999-01-01T00:00:00Z', reason: 'attempts-exhausted' } }))
      .json().deadLetters.length,
    25
  )
  assertFields(t, await app.inject({ url: DEAD_LETTERS, query: { cursor: 'nonsense' } }), ['cursor'])
  assertFields(t, await app.inject({ url: DEAD_LETTERS, query: { limit: '0' } }), ['limit'])
  assertFields(
    t,
    await app.inject({ url: DEAD_LETTERS, query: { tpye: 'x', reason: 'why', from: 'yesterday', limit: '1001' } }),
    ['tpye', 'reason', 'from', 'limit']
  )
})

t.test('deletes by filter, and all only when that is said', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 25)
  const remove = (query: Record<string, string>) => app.inject({ method: 'DELETE', url: DEAD_LETTERS, query })
  assertFields(t, await remove({}), [''])
  assertFields(t, await remove({ tpye: 'even' }), ['tpye'])
  assertFields(t, await remove({ all: 'yes' }), ['all'])
  assertFields(t, await remove({ all: 'true', type: 'even' }), ['all'])
  t.strictSame((await remove({ type: 'even' })).json(), { deleted: 13 })
  t.strictSame((await remove({ all: 'true' })).json(), { deleted: 12 })
  t.strictSame((await app.inject(DEAD_LETTERS)).json(), { deadLetters: [] })
})

t.test('a replay is refused when it is not clear what is meant', async (t) => {
  const { app } = await startApp(t)
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['']],
    [[], ['']],
    [{ ids: [] }, ['ids']],
    [{ ids: [`d-${'0'.repeat(32)}`], filter: {} }, ['filter']],
    [{ ids: ['x'] }, ['ids.0']],
    [{ filter: 1 }, ['filter']],
    [{ filter: { tpye: 'x' } }, ['filter.tpye']],
    [{ filter: { reason: 'why', from: 'then' } }, ['filter.reason', 'filter.from']],
    [{ filter: {}, dryRun: 'yes' }, ['dryRun']],
    [{ filter: {}, dryrun: true }, ['dryrun']]
  ]
  for (const [body, fields] of table) assertFields(t, await replay(app, body), fields)
  assertProblem(
    t,
    await app.inject({
      method: 'POST',
      url: `${DEAD_LETTERS}/replay`,
      payload: '{',
      headers: { 'content-type': 'application/json' }
    }),
    400,
    'invalid-request',
    'no JSON'
  )
})

t.test('a dry run tells what would be moved, and moves nothing', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 25)
  const answer = await replay(app, { filter: { type: 'odd' }, dryRun: true })
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { dryRun: true, matched: 12 })
  t.strictSame(
    answer.json().sample.map(({ event }: { event: { id: string } }) => event.id),
    Array.from({ length: 10 }, (_, index) => `e${index * 2 + 1}`)
  )
  t.strictSame((await app.inject(`${DEAD_LETTERS}/replays`)).json(), { replays: [] })
  t.equal((await deadLettersIn(app.deadLetters)).length, 25)
})

t.test('replays, once a worker is there, and tells how far it is', async (t) => {
  const { app, redis } = await startApp(t)
  await fill(app, 600)
  const answer = await replay(app, { filter: {} })
  t.equal(answer.statusCode, 202)
  const { id } = answer.json()
  t.equal(answer.headers.location, `${DEAD_LETTERS}/replays/${id}`)
  t.match(answer.json(), { status: 'running', matched: 600, replayed: 0, skipped: 0 })
  const path = `${DEAD_LETTERS}/replays/${id}`
  await eventually('it waits', async () => (await app.inject(path)).json().status === 'paused')
  t.match((await app.inject(path)).json(), { reason: 'no-workers', replayed: 0 })
  t.strictSame(await storedEvents(app), [])
  const watched = await watch(t, app, `${path}/events`)
  t.match(watched.answer, { statusCode: 200, headers: { 'content-type': 'text/event-stream' } })
  const seen = new Map<string, number>()
  const attempts = new Set<number | undefined>()
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'all' },
    handlers: [eventHandler((event) => {
      seen.set(event.id, (seen.get(event.id) ?? 0) + 1)
      attempts.add(event.attempt)
      return { status: 'done' }
    })]
  })
  await eventually('all are handled', () => seen.size === 600)
  t.ok([...seen.values()].every((times) => times === 1))
  t.strictSame([...attempts], [undefined])
  await eventually('the stream has ended', watched.isOver)
  const events = watched.events()
  t.match(events.at(0), { status: 'paused', replayed: 0 })
  t.match(events.at(-1), { status: 'done', replayed: 600 })
  t.match((await worker.inject(path)).json(), {
    status: 'done',
    matched: 600,
    replayed: 600,
    skipped: 0,
    finishedAt: String
  })
  t.match((await app.inject(`${DEAD_LETTERS}/replays`)).json().replays, [{ id, status: 'done' }])
  await eventually(
    'they are counted',
    async () =>
      await metric(worker, 'spillway_dead_letters_replayed_total') === 600 &&
      await metric(worker, 'spillway_dead_letters') === 0
  )
  assertProblem(t, await app.inject({ method: 'DELETE', url: path }), 409, 'replay-over', 'over')
})

t.test('does not move anything beyond the warning threshold', async (t) => {
  const { app, redis } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '2', QUEUE_WARNING_THRESHOLD: '3', QUEUE_CRITICAL_THRESHOLD: '1000' }
  })
  await fill(app, 10)
  const release = Promise.withResolvers<void>()
  let most = 0
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    handlers: [eventHandler(async () => { await release.promise; return { status: 'done' } })]
  })
  worker.queueMonitor.onReading(({ depthByPriority }) => { most = Math.max(most, depthByPriority[10]!) })
  const { id } = (await replay(app, { filter: {} })).json()
  const state = async () => (await app.inject(`${DEAD_LETTERS}/replays/${id}`)).json()
  await eventually(
    'it has moved what fits and waits',
    async () => (await state()).replayed === 2 && (await state()).status === 'paused'
  )
  t.equal((await state()).replayed, 2)
  release.resolve()
  await eventually('it ends', async () => (await app.inject(`${DEAD_LETTERS}/replays/${id}`)).json().status === 'done')
  t.ok(most < 3)
})

t.test('a replay can be cancelled', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 3)
  const { id } = (await replay(app, { ids: (await deadLettersIn(app.deadLetters)).map(({ id }) => id) })).json()
  const watched = await watch(t, app, `${DEAD_LETTERS}/replays/${id}/events`)
  t.match((await app.inject({ method: 'DELETE', url: `${DEAD_LETTERS}/replays/${id}` })).json(), {
    id,
    status: 'cancelled',
    replayed: 0
  })
  await eventually('who watches is told', () => watched.isOver() && watched.events().at(-1)?.status === 'cancelled')
  for (const method of ['GET', 'DELETE'] as const)
    assertProblem(
      t,
      await app.inject({ method, url: `${DEAD_LETTERS}/replays/${NO_REPLAY}` }),
      404,
      'not-found',
      method
    )
  assertProblem(t, await app.inject(`${DEAD_LETTERS}/replays/${NO_REPLAY}/events`), 404, 'not-found', 'events')
})

t.test('streams end when the process stops, and leave nothing when who watches goes', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  const path = `${DEAD_LETTERS}/replays/${id}/events`
  const [first, second] = [await watch(t, app, path), await watch(t, app, path)]
  await eventually('both have begun', () => first.events().length > 0 && second.events().length > 0)
  first.hangUp()
  await eventually('the server has seen it', () =>
    new Promise((resolve) => {
      app.server.getConnections((_error, count) => resolve(count === 1))
    }))
  await app.close()
  await eventually('the other one has ended', second.isOver)
})

t.test('answers 503 while Redis is away, at once and never 500', async (t) => {
  const { app, redis } = await startApp(t)
  await redis.kill()
  const requests = () =>
    [
      { url: DEAD_LETTERS },
      { url: `${DEAD_LETTERS}/${NO_ID}` },
      { url: `${DEAD_LETTERS}/${NO_ID}`, method: 'DELETE' },
      { url: `${DEAD_LETTERS}?all=true`, method: 'DELETE' },
      { url: `${DEAD_LETTERS}/replay`, method: 'POST', payload: { filter: {} } },
      { url: `${DEAD_LETTERS}/replay`, method: 'POST', payload: { filter: {}, dryRun: true } },
      { url: `${DEAD_LETTERS}/replays` },
      { url: `${DEAD_LETTERS}/replays/${NO_REPLAY}` },
      { url: `${DEAD_LETTERS}/replays/${NO_REPLAY}`, method: 'DELETE' },
      { url: `${DEAD_LETTERS}/replays/${NO_REPLAY}/events` }
    ] as const
  for (let round = 0; round < 2; round++) {
    for (const call of requests()) {
      const answer = await app.inject(call)
      assertProblem(t, answer, 503, 'queue-unavailable', JSON.stringify(call))
      t.equal(answer.headers['retry-after'], '1')
    }
    await eventually('it is known', () => !app.backpressure.signals.isDepthKnown)
  }
  await redis.start()
  await eventually('it is back', () => app.backpressure.signals.isDepthKnown)
  t.equal((await app.inject(DEAD_LETTERS)).statusCode, 200)
})

t.test('a stream that is asked for while the process stops, or beyond the limit, is refused with a time to come back', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 1)
  const { id } = (await replay(app, { filter: {} })).json()
  app.lifecycle.beginDrain()
  const answer = await app.inject({
    url: `${DEAD_LETTERS}/replays/${id}/events`,
    headers: { accept: 'text/event-stream' }
  })
  assertProblem(t, answer, 503, 'too-many-streams', 'a stream')
  t.equal(answer.headers['retry-after'], '5')
})

t.test('streams are bounded over all, and one address gets few of the last of them', async (t) => {
  // Its replay waits for the queue to drain.
  const { app } = await startOpen(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  const path = `${DEAD_LETTERS}/replays/${id}/events`
  occupy(app.replayViewers, 890)
  const streams = []
  for (let opened = 0; opened < 10; opened++) streams.push(await watch(t, app, path))
  t.strictSame(new Set(streams.map(({ answer }) => answer.statusCode)), new Set([200]))
  const { answer: refused } = await watch(t, app, path)
  t.match([refused.statusCode, refused.headers['retry-after']], [503, '5'])
  t.ok(app.replayViewers.canAdd('another'))
  streams[0]?.hangUp()
  await eventually('its place is free', () => app.replayViewers.count === 899)
  t.equal((await watch(t, app, path)).answer.statusCode, 200)
})

t.test('of two who ask at once for the last place one gets it', async (t) => {
  const { app } = await startOpen(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  occupy(app.replayViewers, 999)
  // Both have come before the replay is read for the first of them.
  const asked = [1, 2].map(async () => (await app.inject(`${DEAD_LETTERS}/replays/${id}/events`)).statusCode)
  await eventually('one has it', () => app.replayViewers.count >= 1_000)
  await app.inject({ method: 'DELETE', url: `${DEAD_LETTERS}/replays/${id}` })
  t.strictSame((await Promise.all(asked)).toSorted(), [200, 503])
})

t.test('a sender that asks before it sends its body is told to go on', async (t) => {
  const { app } = await startApp(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const call = request({
    host: '127.0.0.1',
    port,
    path: `${DEAD_LETTERS}/replay`,
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', expect: '100-continue' }
  })
  t.teardown(() => {
    call.destroy()
  })
  call.flushHeaders()
  await once(call, 'continue')
  call.end('{"filter":{},"dryRun":true}')
  const [answer] = await once(call, 'response') as [IncomingMessage]
  t.equal(answer.statusCode, 200)
})
