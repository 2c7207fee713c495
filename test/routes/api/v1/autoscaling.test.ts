import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { eventHandler, postBatch, startApp } from '../../../app.ts'

const PATH = '/api/v1/autoscaling'
const BACKLOG = Array.from({ length: 4_000 }, () => ({ type: 'x', payload: null }))

const slowWorker = {
  env: {
    ROLE: 'all', BATCH_MAX_EVENTS: '5', RULE_ENGINE_WORKER_CONCURRENCY: '2', HANDLER_CONCURRENCY: '1',
    // At most 200 a second are done, so a backlog of thousands needs more whenever it comes.
    DRAIN_TARGET_MS: '1000'
  },
  handlers: [eventHandler(async () => {
    await wait(10)
    return { status: 'done' }
  })]
}

t.test('answers the number in the form that KEDA reads, with a sentence and its figures', async (t) => {
  const { app } = await startApp(t, slowWorker)
  const answer = async () => {
    const { statusCode, body } = await app.inject(PATH)
    return statusCode === 200 && JSON.parse(body)
  }
  t.strictSame((await eventually('an idle worker is enough', answer)).workers, {
    current: 1, needed: 1, neededAtHorizon: 1, horizonSeconds: 60
  })
  await postBatch(app, BACKLOG)
  const needed = await eventually('a backlog needs more', async () => {
    const found = await answer()
    return found !== false && found.workers.needed > 1 && found
  })
  t.match(needed, {
    workers: { current: 1, needed: Number, neededAtHorizon: Number, horizonSeconds: 60 },
    reason: /^[\d,.]+ events?\/s arrive and [\d,]+ events wait.* one worker finishes [\d.]+ events\/s.* \d+ .*\.$/
  })
  t.equal((await app.inject('/api/v1/metrics/queue')).json().workers.needed > 1, true, 'the metric says the same')
})

t.test('without a worker it asks for one, whatever waits', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'api' } })
  await postBatch(app, BACKLOG.slice(0, 10))
  const { workers, reason } = await eventually('it knows', async () => {
    const { statusCode, body } = await app.inject(PATH)
    return statusCode === 200 && JSON.parse(body)
  })
  t.match(workers, { current: 0, needed: 1 })
  t.match(reason, /the speed of a worker is not known yet, so 1 worker is needed\.$/)
})

t.test('a number that is unknown is 503, never 0', async (t) => {
  const redis = await startRedis(t)
  const { app } = await startApp(t, { env: { REDIS_URL: redis.url, ROLE: 'api' } })
  await eventually('it knows', async () => (await app.inject(PATH)).statusCode === 200)
  await redis.kill()
  const lost = await eventually('it notices', async () => {
    const answer = await app.inject(PATH)
    return answer.statusCode === 503 && answer
  })
  t.match(lost.headers['content-type'], 'application/problem+json')
  t.match(lost.json(), { type: 'urn:spillway:problem:queue-unavailable', status: 503, detail: /unchanged/ })
  t.notMatch(lost.body, /workers"/)
})

t.test('while the work is paused, the number stays and the sentence says so', async (t) => {
  const { app } = await startApp(t, slowWorker)
  await eventually('it knows', async () => (await app.inject(PATH)).statusCode === 200)
  await app.inject({ method: 'POST', url: '/api/v1/workers/pause' })
  await postBatch(app, BACKLOG)
  const paused = await eventually('it is paused', async () => {
    const answer = (await app.inject(PATH)).json()
    return /paused/.test(answer.reason) && answer
  })
  t.match(paused, { workers: { current: 1, needed: 1 }, reason: /so the number stays at 1\.$/ })
})
