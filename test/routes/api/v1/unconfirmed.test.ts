import t, { type Test } from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { startProxy } from '../../../../rig/tcp-proxy.ts'

/** Critical, since others are not sent any more once the queue is known to be away. */
const EVENT = { type: 'x', payload: null, priority: 1 }

const FORMS: readonly [form: string, members: object, headers: Record<string, string>][] = [
  ['with an id', { id: 'own' }, {}],
  ['with an Idempotency-Key', {}, { 'idempotency-key': 'key' }],
  ['with neither', {}, {}],
  ['synced', { id: 'synced' }, { 'x-event-durability': 'synced' }]
]

/** An app whose Redis is behind a proxy, and answers of single posts that nobody confirmed since it is a black hole. */
async function startUnconfirmed (t: Test) {
  const redis = await startRedis(t, { appendonly: true })
  const proxy = await startProxy(t, redis.path)
  const { app } = await startApp(t, {
    redis,
    env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, REDIS_COMMAND_TIMEOUT_MS: '300' }
  })
  // The app asks for the state of the disk of Redis beforehand.
  t.equal((await post(app, EVENT, { 'x-event-durability': 'synced' })).statusCode, 202)
  return { app, redis, proxy }
}

async function assertUnconfirmed (t: Test, app: Awaited<ReturnType<typeof startApp>>['app']): Promise<string[]> {
  const answers = await Promise.all(FORMS.map(([, members, headers]) => post(app, { ...EVENT, ...members }, headers)))
  for (const [index, answer] of answers.entries()) {
    const [form, members] = FORMS[index]!
    t.equal(answer.statusCode, 503, form)
    t.match(answer.json(), {
      reason: 'queue-unavailable',
      mayBeStored: true,
      id: String,
      detail: /^The queue did not confirm the event, which may be stored or not/,
      ...members
    }, form)
  }
  return answers.map((answer) => answer.json().id)
}

t.test('a single event that nobody confirmed is told by its id, and its receipt tells afterwards that it is stored', async (t) => {
  const { app, redis } = await startUnconfirmed(t)
  // Redis has read what it is sent and carries it out when it goes on.
  redis.pause()
  const ids = await assertUnconfirmed(t, app)
  redis.resume()
  for (const [index, id] of ids.entries()) {
    const receipt = await eventually('the receipt can be read', async () => {
      const answer = await app.inject(`/api/v1/events/${id}`)
      return answer.statusCode === 200 && answer.json()
    })
    t.match(receipt, { id, status: 'waiting' }, FORMS[index]![0])
  }
  t.strictSame(
    (await storedEvents(app)).map(({ id }) => id).filter((id) => ids.includes(id)).toSorted(),
    ids.toSorted(),
    'each once'
  )
  t.match((await post(app, { ...EVENT, id: 'own' })).json(), { status: 'duplicate', id: 'own' })
  t.match((await post(app, EVENT, { 'idempotency-key': 'key' })).json(), { status: 'duplicate', id: ids[1] })
})

t.test('one that was lost on its way has no receipt, and is stored when it is sent again', async (t) => {
  const { app, proxy } = await startUnconfirmed(t)
  proxy.stall()
  const ids = await assertUnconfirmed(t, app)
  proxy.reset()
  proxy.resume()
  await eventually('the queue is found', () => app.backpressure.signals.isDepthKnown)
  for (const [index, id] of ids.entries()) {
    const answer = await eventually('the receipt can be asked for', async () => {
      const answer = await app.inject(`/api/v1/events/${id}`)
      return answer.statusCode !== 503 && answer
    })
    t.match([answer.statusCode, answer.json()], [404, { status: 'unknown' }], FORMS[index]![0])
  }
  t.equal((await storedEvents(app)).length, 1, 'the one before')
  for (const [form, members, headers] of FORMS)
    t.match((await post(app, { ...EVENT, ...members }, headers)).json(), { status: 'accepted' }, form)
})
