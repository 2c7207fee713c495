import t from 'tap'
import { headline } from '../../dashboard/figures/headline.js'
import { openStream } from '../../rig/event-stream.ts'
import { post, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

const PAYLOAD = 'x'.repeat(1_000_000)

t.test('events of a megabyte fill a Redis of 256 MB: normal is shed before it is full, critical is stored or spooled, nothing is lost', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory', '256mb'] })
  const { app } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical' } })
  const accepted: string[] = []
  const offer = async (priority: number) => {
    const answer = await post(app, { type: 'x', payload: PAYLOAD, priority })
    if (answer.statusCode === 202) accepted.push(answer.json().id)
    return answer
  }
  // One that is refused for what was admitted since the last reading may find room again with the next.
  const normal = await eventually('the circuit is open', async () => {
    const answer = await offer(5)
    return answer.statusCode === 503 && app.backpressure.signals.circuitState === 'OPEN' && answer
  })
  t.match(normal.json(), { status: 503, reason: 'queue-bytes', retryAfterSeconds: Number })
  t.ok(
    accepted.length > 100 && accepted.length < 200,
    `${accepted.length} normal events are in the queue, of 1,000,000 that the thresholds in events allow`
  )

  // So many that they do not all fit.
  for (let posted = 0; posted < 80; posted++) {
    const answer = await offer(1)
    t.equal(answer.statusCode, 202, `critical event ${posted}`)
  }
  t.ok(app.spool !== undefined && app.spool.batches > 0, 'the last of them are on the disk')
  t.notMatch(await app.redis.info('errorstats'), /errorstat_OOM/, 'Redis never had to refuse anything')

  const shown = (await app.inject('/api/v1/metrics/queue')).json()
  t.match(shown, {
    queue: { health: 'critical' },
    memory: { capacityBytes: 268_435_456, usedBytes: Number, thresholds: { critical: Number } },
    backpressure: { circuitState: 'OPEN', circuitCause: 'bytes' }
  })
  t.ok(shown.memory.utilizationPercent >= 100 && shown.queue.utilizationPercent < 1)
  const { events } = await openStream(t, app, '/api/v1/dashboard/stream')
  const { state } = await eventually('the dashboard is told', () => events[0]?.data)
  t.match(headline(state, []), {
    tone: 'bad',
    text: /^Shedding low and normal .*bytes are the reason: Redis holds [\d.]+ MiB of 179/
  })

  await startApp(t, { redis, env: { ROLE: 'worker' } })
  await eventually('all that was accepted is handled', async () => {
    const { queue: { counts } } = (await app.inject('/api/v1/metrics/queue')).json()
    return counts.completed === accepted.length && app.spool?.batches === 0
  })
  await eventually('the circuit is closed', () => app.backpressure.signals.circuitState === 'CLOSED')
  t.equal((await offer(5)).statusCode, 202)
  t.equal(new Set(accepted).size, accepted.length)
})
