import t, { type Test } from 'tap'
import { post, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { startCollector, type CollectedSpan } from '../services/tracing/collector.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, startServer, type SpawnedServer } from '../../rig/spawned-server.ts'

const traceId = (digit: string) => digit.repeat(32)
const traceparent = (digit: string, flags = '01') => `00-${traceId(digit)}-${'9'.repeat(16)}-${flags}`

interface Delivered { id: string, traceparent?: string, tracestate?: string, data: unknown, attempt: number }

/** An API and a worker, processes of their own, and the consumer that the worker delivers to. */
async function startBoth (t: Test, env: Record<string, string> = {}) {
  const redis = await startRedis(t)
  const consumer = await startConsumer(t)
  const shared = { REDIS_URL: redis.url, DELIVERY_URL: consumer.url, RETRY_BACKOFF_MS: '1', ...env }
  const [api, worker] = await Promise.all([
    startReadyServer(t, { ...shared, ROLE: 'api' }),
    startServer(t, { ...shared, ROLE: 'worker' })
  ])
  return { consumer, api, worker }
}

function send (
  api: SpawnedServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = {}
): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body)
  })
}

const eventsIn = ({ body }: { body: string }) => JSON.parse(body) as Delivered[]
const linesOf = ({ log }: SpawnedServer, event: string) => log.filter((line) => line.event === event)
const traceIdIn = ({ traceparent = '' }: Delivered) => traceparent.slice(3, 35)
const spanIdOf = (context: string | string[] | undefined) => String(context).slice(36, 52)

t.test('without a collector a trace goes from the producer through both processes to the consumer as it came, over retry, dead letter and replay', async (t) => {
  const { consumer, api, worker } = await startBoth(t)
  // The first one might be the consumer's own fault, and costs no attempt.
  const statuses = [500, 500, 422]
  consumer.answer = (_call, reply) => { reply.writeHead(statuses.shift() ?? 200).end() }
  const trace = { traceparent: traceparent('a'), tracestate: 'vendor=1' }
  const answer = await send(api, '/api/v1/events', { type: 'x', payload: { n: 1.5 } }, trace)
  t.equal(answer.status, 202)
  const { id } = await answer.json() as { id: string }

  await eventually('it is a dead letter', () => linesOf(worker, 'dead-letters').length === 1)
  t.equal((await send(api, '/api/v1/dead-letters/replay', { filter: {} })).status, 202)
  await eventually('it is delivered', () => consumer.calls.length === 4)
  await eventually('that is told', () => linesOf(worker, 'event-handled').some(({ outcome }) => outcome === 'done'))
  for (const { headers, body } of consumer.calls) {
    t.match(JSON.parse(body), [{ id, ...trace, data: { n: 1.5 } }])
    t.match(headers, trace)
  }
  t.match(linesOf(api, 'event-accepted'), [{
    traceId: traceId('a'),
    id,
    type: 'x',
    priority: 5,
    status: 'accepted',
    suppressed: 0
  }])
  t.match(linesOf(worker, 'dead-letters'), [{ traceId: traceId('a'), first: { id } }])
  t.strictSame(linesOf(worker, 'event-handled').map(({ traceId, outcome, attempt }) => [traceId, outcome, attempt]), [
    [traceId('a'), 'retry', 1], [traceId('a'), 'retry', 1], [traceId('a'), 'dead', 2], [traceId('a'), 'done', 1]
  ])
  const told = () => linesOf(api, 'event-accepted').length + linesOf(worker, 'event-handled').length
  const toldBefore = told()

  // Nobody records anything of these: they travel, and no line tells of them.
  const many = [{ type: 'x', payload: 1 }, { type: 'x', payload: 2 }]
  t.equal((await send(api, '/api/v1/events/batch', many, { traceparent: traceparent('b', '00') })).status, 202)
  t.equal(
    (await send(api, '/api/v1/datastreams', { deviceId: 'd', values: { n: 3 } }, {
      traceparent: traceparent('c', '00')
    })).status,
    202
  )
  t.equal((await send(api, '/api/v1/events', { type: 'x', payload: 4 }, { traceparent: 'nonsense' })).status, 202)
  await eventually('they are delivered', () => consumer.calls.slice(4).flatMap(eventsIn).length === 4)
  const traced = consumer.calls.slice(4).flatMap((call) => eventsIn(call).map((event) => event.traceparent)).toSorted()
  t.strictSame(traced, [traceparent('b', '00'), traceparent('b', '00'), traceparent('c', '00'), undefined])
  t.equal(told(), toldBefore)
})

t.test('with a collector one trace connects producer, request, queue, worker, delivery and consumer, and a batch of two is linked to both', async (t) => {
  const collector = await startCollector(t)
  const { consumer, api, worker } = await startBoth(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=acme',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_TRACES_SAMPLER_ARG: '0'
  })
  t.equal((await send(api, '/api/v1/events', { type: 'x', payload: 1 }, { traceparent: traceparent('a') })).status, 202)
  await eventually('it is delivered', () => consumer.calls.length === 1)
  const spansOf = (id: string) => collector.spans.filter((span) => span.traceId === id)
  await eventually('all is recorded', () => spansOf(traceId('a')).length === 5)

  const found = new Map<string, CollectedSpan>(spansOf(traceId('a')).map((span) => [span.name, span]))
  const idOf = (name: string) => found.get(name)?.spanId
  const parents = [...found.values()].map(({ name, parentSpanId }) => [name, parentSpanId] as const).toSorted((
    [a],
    [b]
  ) => a < b ? -1 : 1)
  t.strictSame(parents, [
    ['POST', idOf('process event')],
    ['POST /api/v1/events', '9'.repeat(16)],
    ['process event', idOf('POST /api/v1/events')],
    ['process rule-engine-events', idOf('POST /api/v1/events')],
    ['send rule-engine-events', idOf('POST /api/v1/events')]
  ])
  t.match(found.get('process event')?.links, [{ traceId: traceId('a'), spanId: idOf('process rule-engine-events') }])
  const [call] = consumer.calls as [typeof consumer.calls[0] & object]
  t.match(call.headers.traceparent, new RegExp(`^00-${traceId('a')}-${idOf('POST')}-01$`))
  t.match(eventsIn(call), [{ traceparent: `00-${traceId('a')}-${idOf('process event')}-01` }])
  t.match(linesOf(api, 'event-accepted'), [{ traceId: traceId('a') }])
  t.match(linesOf(worker, 'event-handled'), [{ traceId: traceId('a'), outcome: 'done' }])
  t.match(collector.calls[0], {
    url: '/v1/traces',
    headers: { 'x-tenant': 'acme', 'content-type': 'application/json' }
  })
  t.ok(collector.spans.every(({ service }) => service === 'shop'))

  // Two events of a body that name their own traces, and one of none: they share a batch.
  const cloudEvents = ['b', 'c', undefined].map((digit, index) => ({
    specversion: '1.0',
    id: `e${index}`,
    source: '/shop',
    type: 'x',
    data: index,
    ...(digit !== undefined && { traceparent: traceparent(digit), tracestate: 'k=v' })
  }))
  t.equal(
    (await send(api, '/api/v1/events/batch', cloudEvents, { 'content-type': 'application/cloudevents-batch+json' }))
      .status,
    202
  )
  await eventually('they are delivered', () => consumer.calls.length === 2)
  await eventually('their spans and those of their batch are recorded', () =>
    spansOf(traceId('b')).length === 1 && spansOf(traceId('c')).length === 1 && collector.spans.length === 10)
  const batchSpans = collector.spans.filter(({ traceId: id }) => !/^(a|b|c)\1*$/.test(id))
  t.strictSame(batchSpans.map(({ name }) => name).toSorted(), [
    'POST',
    'process rule-engine-events',
    'send rule-engine-events'
  ])
  for (const { name, links = [], parentSpanId } of batchSpans) {
    t.strictSame(links.map(({ traceId }) => traceId), [traceId('b'), traceId('c')], name)
    t.notOk(parentSpanId, `${name} begins a trace of its own`)
  }
  const second = consumer.calls[1] as typeof call
  t.equal(second.headers.traceparent, undefined, 'no header speaks for several traces')
  const contexts = new Map(eventsIn(second).map((event) => [event.id, event]))
  t.strictSame([...contexts.keys()].toSorted(), ['e0', 'e1', 'e2'])
  for (const [id, digit] of [['e0', 'b'], ['e1', 'c']] as const) {
    const [processed] = spansOf(traceId(digit))
    t.match(processed, { name: 'process event', parentSpanId: '9'.repeat(16) })
    t.equal(spanIdOf(contexts.get(id)?.traceparent), processed?.spanId)
    t.equal(contexts.get(id)?.tracestate, 'k=v')
  }
  t.equal(contexts.get('e2')?.traceparent, undefined)
})

t.test('a collector that refuses spans costs a log line and no event', async (t) => {
  const collector = await startCollector(t, 401)
  const consumer = await startConsumer(t)
  const { log, lines } = capturedLog('info')
  const { app } = await startApp(t, {
    env: {
      ROLE: 'all',
      DELIVERY_URL: consumer.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret',
      OTEL_TRACES_SAMPLER_ARG: '1'
    },
    handlers: 'configured',
    log
  })
  for (let index = 0; index < 20; index++) t.equal((await post(app, { type: 'x', payload: index })).statusCode, 202)
  const delivered = () => consumer.calls.flatMap(eventsIn)
  await eventually('all are delivered', () => delivered().length === 20)
  t.equal(new Set(delivered().map((event) => traceIdIn(event))).size, 20, 'each request without a trace began one')
  await eventually('the failure is told', () => lines.some(({ event }) => event === 'trace-export-failed'))
  t.match(lines.find(({ event }) => event === 'trace-export-failed'), { level: 40, suppressed: 0 })
  t.notMatch(JSON.stringify(lines), 'secret')
})
