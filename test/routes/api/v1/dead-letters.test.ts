import t from 'tap'
import { eventHandler, metric, post, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem } from './setup.ts'
import { assertFields, DEAD_LETTERS, fill, NO_ID, NO_REPLAY,  } from './dead-letter-requests.ts'

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
