import t from 'tap'
import { postBatch, startApp, storedEvents } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startProxy } from '../../rig/tcp-proxy.ts'

const LINES = 20_000
const ROOMY = {
  QUEUE_RECOVERY_THRESHOLD: '1000000', QUEUE_WARNING_THRESHOLD: '2000000', QUEUE_CRITICAL_THRESHOLD: '3000000',
  QUEUE_HARD_LIMIT: '4000000'
}
const line = (payload: number) => JSON.stringify({ type: 'x', payload })

/** An app whose Redis is behind a proxy, and that waits long enough for a test on a busy machine. */
async function startBehindProxy (t: Parameters<typeof startApp>[0], env: Record<string, string> = {}) {
  const redis = await startRedis(t)
  const proxy = await startProxy(t, redis.path)
  const { app } = await startApp(t, {
    redis,
    env: {
      ...ROOMY,
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      OUTAGE_PATIENCE_MS: '60000',
      STREAM_PATIENCE_MS: '600000',
      ...env
    }
  })
  return { app, proxy }
}

t.test('a stream and an array that meet a Redis which hangs for a moment, then resets, are stored whole and once', async (t) => {
  const { app, proxy } = await startBehindProxy(t, { REDIS_COMMAND_TIMEOUT_MS: '300' })
  const posted = Promise.all([
    postBatch(app, Array.from({ length: LINES }, (_, index) => `${line(index)}\n`).join(''), {
      'content-type': 'application/x-ndjson'
    }),
    postBatch(app, Array.from({ length: 5_000 }, (_, index) => ({ type: 'x', payload: LINES + index })))
  ])
  await eventually('some of it is stored', async () => await bullmqOf(app).getPrioritizedCount() > 3)
  proxy.stall()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  proxy.resume()
  await eventually('the queue is found', () => app.backpressure.signals.isDepthKnown)
  proxy.reset()
  const [stream, array] = await posted
  t.match(
    [stream.json(), array.json()],
    [
      { accepted: LINES, shed: 0, invalid: 0 }, { accepted: 5_000, shed: 0, invalid: 0 }
    ]
  )
  const payloads = (await storedEvents(app)).map(({ payload }) => payload as number)
  t.strictSame([payloads.length, new Set(payloads).size], [LINES + 5_000, LINES + 5_000])
})

t.test('an array whose queue stays away is refused once its patience is over', async (t) => {
  const { app, proxy } = await startBehindProxy(t, { OUTAGE_PATIENCE_MS: '300', REDIS_COMMAND_TIMEOUT_MS: '300' })
  proxy.stall()
  const answer = await postBatch(app, [{ type: 'x', payload: 1 }, { type: 'x', payload: 2, priority: 9 }])
  t.equal(answer.statusCode, 503)
  t.match(answer.json().results, [
    { status: 'shed', reason: 'queue-unavailable', mayBeStored: true, id: String },
    { status: 'shed', mayBeStored: true }
  ])
})
