import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import t, { type Test } from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { OtelTracing } from '../../../services/tracing/otel-tracing.ts'

const PRODUCER = `00-${'a'.repeat(32)}-${'1'.repeat(16)}-01`
const OTHER = `00-${'b'.repeat(32)}-${'2'.repeat(16)}-01`
const ROUTE = { path: '/api/v1/events', isIntake: true }
const head = (headers: Record<string, string> = {}) => ({ method: 'POST', url: '/api/v1/events?key=secret', headers })

const eventOf = (id: string, traceparent?: string): QueuedEvent => ({
  id,
  type: 'x',
  payload: 'secret',
  priority: 5,
  receivedAt: '',
  ...(traceparent !== undefined && { trace: { traceparent } })
})

function startTracing (t: Test, { random = 0.5 } = {}) {
  const spans: ReadableSpan[] = []
  const exporter = new InMemorySpanExporter()
  const keep = { export: exporter.export.bind(exporter), shutdown: async () => {}, forceFlush: async () => {} }
  const tracing = new OtelTracing({
    serviceName: 'test',
    instanceId: 'here',
    exporter: keep,
    rootRatio: 0.01,
    random: () => random,
    closeDeadlineMs: 60_000
  })
  t.teardown(() => tracing.close())
  return {
    tracing,
    spans: async () => {
      await tracing.close()
      spans.push(...exporter.getFinishedSpans())
      return spans
    }
  }
}

t.test('records a request whose sender records it, below the span of the sender', async (t) => {
  const { tracing, spans } = startTracing(t)
  const span = tracing.startRequest(ROUTE, head({ traceparent: PRODUCER, tracestate: 'a=1' }))
  t.match(span?.trace, { traceparent: new RegExp(`^00-${'a'.repeat(32)}-[0-9a-f]{16}-01$`), tracestate: 'a=1' })
  span?.end({ status: 202 })
  const [request] = await spans()
  t.match(request, {
    name: 'POST /api/v1/events',
    kind: SpanKind.SERVER,
    parentSpanContext: { spanId: '1'.repeat(16) },
    status: { code: SpanStatusCode.UNSET }
  })
  t.match(request?.attributes, {
    'http.request.method': 'POST',
    'http.route': '/api/v1/events',
    'url.path': '/api/v1/events',
    'http.response.status_code': 202
  })
  t.match(request?.resource.attributes, { 'service.name': 'test', 'service.instance.id': 'here' })
})

t.test('records no request whose sender does not, and of those without a trace a share of the ones that bring events', async (t) => {
  const unlucky = startTracing(t, { random: 0.01 }).tracing
  const lucky = startTracing(t, { random: 0.009 }).tracing
  t.equal(lucky.startRequest(ROUTE, head({ traceparent: PRODUCER.replace(/01$/, '00') })), undefined)
  t.equal(unlucky.startRequest(ROUTE, head()), undefined)
  t.equal(lucky.startRequest({ ...ROUTE, isIntake: false }, head()), undefined)
  t.match(lucky.startRequest(ROUTE, head())?.trace.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.match(lucky.startRequest(ROUTE, head({ traceparent: 'nonsense' }))?.trace.traceparent, /^00-/)
})

t.test('the span of a batch of two traces is linked to both', async (t) => {
  const { tracing, spans } = startTracing(t)
  tracing.startSend([eventOf('a', PRODUCER), eventOf('b', OTHER), eventOf('c')])?.end()
  const [send] = await spans()
  t.match(send, { name: 'send rule-engine-events', kind: SpanKind.PRODUCER, parentSpanContext: undefined })
  t.strictSame(send?.links.map(({ context }) => context.traceId), ['a'.repeat(32), 'b'.repeat(32)])
  t.match(send?.attributes, {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'send',
    'messaging.batch.message_count': 3
  })
})

t.test('events have a span each while they are worked on, and their own context again after that', async (t) => {
  const { tracing, spans } = startTracing(t)
  const events = [
    eventOf('a', PRODUCER),
    eventOf('b', OTHER),
    eventOf('c'),
    eventOf('d', PRODUCER.replace(/01$/, '00'))
  ]
  const before = structuredClone(events)
  const work = tracing.startProcess(events)
  t.match(events[0]?.trace?.traceparent, new RegExp(`^00-${'a'.repeat(32)}-(?!1{16})[0-9a-f]{16}-01$`))
  t.strictSame(events.slice(2), before.slice(2), 'others are left alone')
  work?.end((index) =>
    index === 1 ? { status: 'retry', reason: 'not now', detail: 'not now: secret' } : { status: 'done' }
  )
  t.strictSame(events, before)
  const [first, second, batch] = await spans()
  t.match(batch, { name: 'process rule-engine-events', kind: SpanKind.CONSUMER, links: [{}, {}] })
  t.match(first, {
    name: 'process event',
    parentSpanContext: { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) },
    links: [{ context: { spanId: batch?.spanContext().spanId } }]
  })
  t.match(second, {
    parentSpanContext: { traceId: 'b'.repeat(32) },
    status: { code: SpanStatusCode.ERROR, message: 'not now' },
    attributes: { 'spillway.outcome': 'retry', 'messaging.message.id': 'b' }
  })
  t.notMatch(JSON.stringify([first?.attributes, second?.attributes, second?.status]), 'secret')
})

t.test('a delivery of one trace is part of it, and a failed one an error', async (t) => {
  const { tracing, spans } = startTracing(t)
  const delivery = tracing.startDelivery([eventOf('a', PRODUCER)], 'http://consumer:8080/events')
  t.match(delivery?.trace.traceparent, new RegExp(`^00-${'a'.repeat(32)}-`))
  delivery?.end({ error: 'ECONNREFUSED' })
  tracing.startDelivery([eventOf('a', PRODUCER)], 'http://consumer:8080/events')?.end({ status: 503 })
  t.equal(tracing.startDelivery([eventOf('c')], 'http://consumer:8080/events'), undefined)
  t.match(await spans(), [
    {
      kind: SpanKind.CLIENT,
      parentSpanContext: { spanId: '1'.repeat(16) },
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'ECONNREFUSED', 'server.address': 'consumer' }
    },
    { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '503', 'http.response.status_code': 503 } }
  ])
})

t.test('a collector that does not answer holds up no end', async (t) => {
  let giveUp = () => {}
  const exporter: SpanExporter = {
    export: (_spans, done) => {
      giveUp = () => done({ code: 1 })
    },
    shutdown: () => new Promise<void>(() => {})
  }
  const tracing = new OtelTracing({
    serviceName: 'test',
    instanceId: 'here',
    exporter,
    rootRatio: 1,
    random: () => 0,
    closeDeadlineMs: 1
  })
  tracing.startRequest(ROUTE, head())?.end({ status: 202 })
  await tracing.close()
  giveUp()
  t.pass('closed')
})
