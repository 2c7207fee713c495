import t, { type Test } from 'tap'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Outcome } from '../../services/event/outcome.ts'
import { parseBatchId } from '../../services/queue/batch.ts'
import { QueueKeys } from '../../services/queue/keys.ts'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'

const TINY = { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3' }

const json = async (app: FastifyInstance, url: string) => (await app.inject(url)).json()
const order = async (app: FastifyInstance, url: string, payload?: object, method: 'POST' | 'PUT' = 'POST') =>
  (await app.inject({ method, url, ...(payload !== undefined && { payload }) })).statusCode
const depthOf = async (app: FastifyInstance) => (await json(app, '/api/v1/metrics/queue')).queue.totalPending

/** An API and a worker of one namespace; events whose payload is `bad` become dead letters until that is over. */
async function startService (t: Test, redis: RedisProcess, namespace: string) {
  const handled: string[] = []
  let isRefusing = true
  const handler = eventHandler(({ id, payload }): Outcome => {
    if (payload === 'bad' && isRefusing) return { status: 'dead', reason: 'bad' }
    handled.push(id)
    return { status: 'done' }
  })
  const env = { NAMESPACE: namespace, ...TINY }
  const { app: api } = await startApp(t, { redis, env: { ...env, ROLE: 'api', JOB_BROWSER: 'read-write' } })
  await startApp(t, { redis, env: { ...env, ROLE: 'worker' }, handlers: [handler] })
  await eventually('its worker is known', async () => (await json(api, '/api/v1/metrics/queue')).workers.count === 1)
  return { api, handled, accept: () => { isRefusing = false } }
}

async function startTwo (t: Test) {
  const redis = await startRedis(t)
  return { one: await startService(t, redis, 'one'), two: await startService(t, redis, 'two') }
}

/** Keys that no QueueKeys of these namespaces names. */
function strangersAmong (keys: readonly string[], namespaces: readonly string[]): string[] {
  const isNamed = ({ jobs, root, ...names }: QueueKeys, key: string) => {
    if (key.startsWith(jobs.prefix)) {
      const id = key.slice(jobs.prefix.length).replace(/:lock$/, '')
      return Object.values(jobs).includes(key) || parseBatchId(id) !== undefined
    }
    return Object.values(names).some((name) => key === name || (name.endsWith(':') && key.startsWith(name))) ||
      [`${root}:last-booking:`, `${root}:last-statement-booking:`].some((prefix) => key.startsWith(prefix))
  }
  const all = namespaces.map((namespace) => new QueueKeys(namespace))
  return keys.filter((key) => !all.some((each) => isNamed(each, key)))
}

t.test('events, receipts, ids and dead letters of two namespaces on one Redis do not mix', async (t) => {
  const { one, two } = await startTwo(t)
  for (const [{ api }, payload] of [[one, 'bad'], [two, 'good']] as const) {
    const answer = await post(api, { type: 'a', payload, id: 'same' })
    t.match([answer.statusCode, answer.json()], [202, { status: 'accepted' }], 'an id that the other has is not known')
  }
  const own = (await post(one.api, { type: 'a', payload: 'good' })).json().id
  await eventually('its own worker has it', () => one.handled.includes(own))
  await eventually('the other worker has its own', () => two.handled.length === 1)
  t.strictSame(two.handled, ['same'])
  t.equal((await two.api.inject(`/api/v1/events/${own}`)).statusCode, 404, 'the other service gives no receipt')
  await eventually('one is dead', async () => (await json(one.api, '/api/v1/events/same')).status === 'dead-letter')
  await eventually('the other is done', async () => (await json(two.api, '/api/v1/events/same')).status === 'done')

  const deadLetters = async ({ api }: typeof one) => (await json(api, '/api/v1/dead-letters')).deadLetters.length
  t.strictSame([await deadLetters(one), await deadLetters(two)], [1, 0])
  t.equal((await two.api.inject({ method: 'DELETE', url: '/api/v1/dead-letters?all=true' })).statusCode, 200)
  t.equal(await deadLetters(one), 1, 'the other service deletes its own only')
  one.accept()
  t.equal(await order(two.api, '/api/v1/dead-letters/replay', { filter: {} }), 202)
  t.equal(await order(one.api, '/api/v1/dead-letters/replay', { filter: {} }), 202)
  await eventually('the replay brings it to its own worker', () => one.handled.includes('same'))
  await eventually('no dead letter is left', async () => await deadLetters(one) === 0)
  t.strictSame(two.handled, ['same'])
  t.equal((await json(two.api, '/api/v1/dead-letters/replays')).replays.length, 1)

  const { ledger } = await two.api.queue.sample()
  t.equal(ledger.queue.enqueued[5], 1, 'each has a ledger of its own')
  t.strictSame(
    strangersAmong(await one.api.redis.keys('*'), ['one', 'two']),
    [],
    'every key in Redis has its name from QueueKeys'
  )
})

t.test('depth, pause, mode and reset of two namespaces on one Redis do not mix', async (t) => {
  const { one, two } = await startTwo(t)
  t.equal(await order(one.api, '/api/v1/workers/pause'), 200)
  const batch = Array.from({ length: 3 }, () => ({ type: 'a', payload: 'good', priority: 1 }))
  t.equal((await postBatch(one.api, batch)).statusCode, 202)
  await eventually('they wait', async () => await depthOf(one.api) === 3)
  t.equal((await post(two.api, { type: 'a', payload: 'good' })).statusCode, 202)
  await eventually('workers of the other service go on', () => two.handled.length === 1)
  t.strictSame([await depthOf(two.api), (await json(two.api, '/api/v1/metrics/queue')).queue.isPaused], [0, false])
  t.equal(await metric(two.api, 'rule_engine_queue_total_pending'), 0)
  const circuits = () => [one, two].map(({ api }) => api.backpressure.signals.circuitState)
  await eventually('its circuit is open', () => circuits()[0] === 'OPEN')
  t.equal(circuits()[1], 'CLOSED')
  const controlOf = async ({ queue }: FastifyInstance) => {
    const { control: { fleet: _, ...others } } = await queue.sample()
    return others
  }
  const jobs = async ({ api }: typeof one) => (await json(api, '/admin/queues/api/queues')).queues[0].counts.prioritized
  t.strictSame([await jobs(one), await jobs(two)], [1, 0], 'each job browser has its own queue')

  t.equal(await order(one.api, '/api/v1/metrics/backpressure/mode', { mode: 'observe' }, 'PUT'), 200)
  await two.api.queue.sample()
  t.strictSame([one, two].map(({ api }) => api.backpressure.mode), ['observe', 'true'])
  t.equal(await order(two.api, '/api/v1/metrics/backpressure/reset'), 200)
  t.equal((await one.api.queue.sample()).control.resets, undefined, 'a reset is none of the other')
  t.strictSame(await controlOf(two.api), { resets: '1', circuit: 'CLOSED' })
  t.equal(await order(two.api, '/api/v1/workers/resume'), 200)
  t.equal((await one.api.queue.sample()).isPaused, true, 'nor is a resume')
  t.equal(await order(one.api, '/api/v1/workers/resume'), 200)
  await eventually('they are handled', () => one.handled.length === 3)
  t.equal(two.handled.length, 1)
})

t.test('two namespaces that share a DATA_DIR have a spool each', async (t) => {
  const redis = await startRedis(t)
  const env = { DATA_DIR: join(redis.folder, 'data'), SPOOL_CLASSES: 'critical' }
  const { app: one } = await startApp(t, { redis, env: { ...env, NAMESPACE: 'one' } })
  await redis.kill()
  await eventually('the queue is lost', () => !one.backpressure.signals.isDepthKnown)
  t.equal((await post(one, { type: 'a', payload: 1, priority: 1 })).json().durability, 'spooled')
  await one.close()
  await redis.start()
  const { app: two } = await startApp(t, { redis, env: { ...env, NAMESPACE: 'two' } })
  t.strictSame(two.spool?.eventsByPriority[1], 0)
  const { app: again } = await startApp(t, { redis, env: { ...env, NAMESPACE: 'one' } })
  await eventually('it is in the queue of its own service', async () => await depthOf(again) === 1)
  t.equal(await depthOf(two), 0)
})
