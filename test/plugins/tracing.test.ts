import { registerHooks } from 'node:module'
import t from 'tap'

// Before anything of the service is loaded, so that all it loads is seen. The client library of the metrics loads a
// package of OpenTelemetry for itself.
const loaded: string[] = []
registerHooks({
  resolve: (specifier, context, next) => {
    if (context.parentURL?.includes('/node_modules/') !== true) loaded.push(specifier)
    return next(specifier, context)
  }
})
const { capturedLog } = await import('../captured-log.ts')
const { eventually } = await import('../../rig/eventually.ts')
const { post, postBatch, startApp, storedEvents } = await import('../app.ts')
const { startCollector } = await import('../services/tracing/collector.ts')

const trace = (digit: string, flags = '01') => ({ traceparent: `00-${digit.repeat(32)}-${'9'.repeat(16)}-${flags}` })
const FULL = { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3' }
const openTelemetry = () => loaded.filter((specifier) => specifier.startsWith('@opentelemetry/'))

t.test('without a collector nothing of OpenTelemetry is loaded, and the context of a request is stored as it came', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'api' } })
  await post(app, { type: 'x', payload: 1 }, { ...trace('a'), tracestate: 'k=v' })
  await postBatch(app, [{ type: 'x', payload: 2 }, { type: 'x', payload: 3 }], trace('b', '00'))
  await post(app, { type: 'x', payload: 4 })
  t.strictSame((await storedEvents(app)).map((event) => event.trace), [
    { ...trace('a'), tracestate: 'k=v' },
    trace('b', '00'),
    trace('b', '00'),
    undefined
  ])
  t.ok(loaded.includes('fastify'))
  t.strictSame(openTelemetry(), [])
})

t.test('a refusal before the body is recorded and told as well, and what brings no events only when its sender records it', async (t) => {
  const collector = await startCollector(t)
  const { log, lines } = capturedLog()
  const { app } = await startApp(t, {
    env: { ...FULL, OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_TRACES_SAMPLER_ARG: '1' },
    log
  })
  t.not(openTelemetry().length, 0)
  for (let posted = 0; posted < 3; posted++)
    t.equal((await post(app, { type: 'x', payload: posted }, trace('d', '00'))).statusCode, 202)
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')
  t.equal((await post(app, { type: 'x', payload: 4 }, { ...trace('a'), 'x-event-priority': '5' })).statusCode, 503)
  t.equal((await post(app, { type: 'x', payload: 5 }, { 'x-event-priority': '6' })).statusCode, 503)
  t.equal((await post(app, { type: 'x', payload: 6, priority: 1 }, trace('b'))).statusCode, 202)
  t.equal((await app.inject({ url: '/api/v1/health', headers: trace('c') })).statusCode, 200)
  t.equal((await app.inject('/api/v1/health')).statusCode, 200)
  t.equal((await app.inject({ url: '/nowhere', headers: trace('c') })).statusCode, 404)
  await app.close()

  const refused = lines.filter(({ event }) => event === 'event-refused')
  t.match(refused, [{ traceId: 'a'.repeat(32), priority: 5, reason: 'circuit-open' }, { priority: 6 }])
  const [, begun] = refused as [unknown, { traceId: string }]
  const recorded = collector.spans.map(({ name, traceId }) => `${name} ${traceId.slice(0, 4)}`).toSorted()
  t.strictSame(
    recorded,
    [
      'GET /api/v1/health cccc',
      'POST /api/v1/events aaaa',
      'POST /api/v1/events bbbb',
      `POST /api/v1/events ${begun.traceId.slice(0, 4)}`,
      'send rule-engine-events bbbb'
    ].toSorted()
  )
  t.match(lines.filter(({ event }) => event === 'event-accepted'), [{ traceId: 'b'.repeat(32) }])
})

t.test('headers for the collector that cannot be read stop the start', async (t) => {
  await t.rejects(
    startApp(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS: 'nonsense' } }),
    { code: 'OTLP_HEADERS_INVALID' }
  )
})
