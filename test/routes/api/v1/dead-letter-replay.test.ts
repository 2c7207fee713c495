import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { eventHandler, metric, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { deadLettersIn } from '../../../services/queue/setup.ts'
import { assertProblem } from './setup.ts'
import { assertFields, DEAD_LETTERS, fill, NO_REPLAY, replay, watch } from './dead-letter-requests.ts'

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
  for (const [body, fields] of table) assertFields(t, await replay(app, body), fields, 'body')
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

t.test('one organization cannot take all places of unfinished replays', async (t) => {
  const operators = ['acme', 'other', undefined].map((organizationId) => makeKey({ organizationId, scopes: ['admin'] }))
  const path = join(t.testdir({ 'keys.json': JSON.stringify(operators.map(({ record }) => record)) }), 'keys.json')
  // Without a worker no replay goes on.
  const { app } = await startApp(t, { env: { API_KEYS_FILE: path } })
  const [acme, other, all] = operators.map(({ key }) => () => app.inject({
    method: 'POST', url: `${DEAD_LETTERS}/replay`, payload: { filter: {} }, headers: { 'x-api-key': key }
  })) as [() => ReturnType<typeof replay>, () => ReturnType<typeof replay>, () => ReturnType<typeof replay>]
  const begun = await Promise.all(Array.from({ length: 21 }, acme))
  t.equal(begun.filter(({ statusCode }) => statusCode === 202).length, 20)
  const refused = await acme()
  assertProblem(t, refused, 409, 'too-many-replays', 'the bound of an organization')
  t.match(refused.json().detail, /20 replays of the organization/)
  t.equal((await other()).statusCode, 202, 'another organization has room')
  const { id } = begun.find(({ statusCode }) => statusCode === 202)!.json()
  const cancelled = await app.inject({
    method: 'DELETE', url: `${DEAD_LETTERS}/replays/${id}`, headers: { 'x-api-key': operators[0]!.key }
  })
  t.equal(cancelled.statusCode, 200)
  t.equal((await acme()).statusCode, 202, 'a cancelled replay gives its place back')
  const rest = await Promise.all(Array.from({ length: 80 }, all))
  t.equal(rest.filter(({ statusCode }) => statusCode === 202).length, 79, 'operators of the service may take the rest')
  t.match((await other()).json().detail, /100 replays are unfinished/)
})
