import t from 'tap'
import { post } from '../../../app.ts'
import { startFilled, startOpen, TINIEST } from './setup.ts'

t.test('refusals of one moment differ in their Retry-After at most', async (t) => {
  const { app } = await startOpen(t)
  const answers = await Promise
    .all(Array.from(
      { length: 30 },
      () => app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })
    ))
  for (const answer of answers) {
    const { retryAfterSeconds, detail, ...rest } = answer.json()
    t.equal(answer.headers['retry-after'], String(retryAfterSeconds))
    t.ok(detail.includes(`${retryAfterSeconds} s`))
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    t.strictSame(rest, {
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title: 'Service Unavailable',
      status: 503,
      reason: 'circuit-open',
      circuitState: 'OPEN',
      queueDepth: 3,
      priority: 5
    })
  }
})

t.test('counts refusals of unread requests as requests', async (t) => {
  const { app } = await startOpen(t)
  for (const _ of [1, 2])
    await app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })
  t.match(
    (await app.inject('/api/v1/metrics/prometheus')).body,
    /^http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/events\/?",status_code="503"\} 2$/m
  )
})

t.test('asks Redis nothing to refuse an event', async (t) => {
  const { app } = await startFilled(t, 4, { ...TINIEST, QUEUE_SAMPLE_INTERVAL_MS: '50' })
  await app.queueMonitor.stop()
  await app.redis.config('RESETSTAT')
  for (let posted = 0; posted < 20; posted++) t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 503)
  const commands = [...(await app.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):/gm)].map(([, command]) =>
    command
  )
  t.strictSame(commands.filter((command) => command !== 'config|resetstat'), [])
})
