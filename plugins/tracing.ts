import { hostname } from 'node:os'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import type { Config } from '../services/config/schema.ts'
import type { TraceContext } from '../services/event/trace-context.ts'
import { SampledEventLog } from '../services/logging/sampled-event-log.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { NO_TRACING, type Span, type Tracing } from '../services/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    tracing: Tracing
    /** Logs a line for each event of a sampled trace, at a bounded rate. */
    sampledEvents: SampledEventLog
  }
  interface FastifyRequest {
    /** The span of the request; undefined if it is not recorded. */
    span: Span | undefined
    /** The trace context for the events of the request; without a recorded span it comes from the headers. */
    spanTrace: TraceContext | undefined
  }
}

/** The longest time that an orderly stop waits for the collector, which normally needs a fraction of it. */
const CLOSE_DEADLINE_MS = 2_000

export default fp(async (fastify) => {
  const { config, log } = fastify
  const onError = throttled(
    (error, suppressed) =>
      log.warn(
        { event: 'trace-export-failed', err: error, suppressed },
        'the collector did not accept spans, and they are lost; check OTEL_EXPORTER_OTLP_ENDPOINT'
      ),
    () => performance.now()
  )
  const tracing = await startTracing(config, onError)
  fastify.decorate('tracing', tracing)
  fastify.decorate('sampledEvents', new SampledEventLog(log as Logger, () => performance.now()))
  fastify.decorateRequest('span', undefined)
  fastify.decorateRequest('spanTrace', undefined)
  if (!tracing.isOn) return
  fastify.addHook('onClose', () => tracing.close())
  fastify.addHook('onRoute', (route) => {
    const traced = { path: route.url, isIntake: route.config?.intake !== undefined }
    const startSpan = (request: FastifyRequest, _reply: FastifyReply, next: () => void) => {
      request.span = tracing.startRequest(traced, request)
      request.spanTrace = request.span?.trace
      next()
    }
    route.onRequest = [startSpan, ...[route.onRequest ?? []].flat()]
  })
  fastify.addHook('onResponse', (request, reply, next) => {
    endSpan(request, { status: reply.statusCode })
    next()
  })
  fastify.addHook('onRequestAbort', (request, next) => {
    endSpan(request, { error: 'aborted' })
    next()
  })
}, { name: 'tracing', dependencies: ['config'] })

/** Ends the span once: an aborted request may still get an answer. */
function endSpan (request: FastifyRequest, ending: Parameters<Span['end']>[0]): void {
  request.span?.end(ending)
  request.span = undefined
}

/** The packages of OpenTelemetry are loaded only when there is a collector. */
async function startTracing (config: Config, onError: (error: Error) => void): Promise<Tracing> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: headers,
    OTEL_SERVICE_NAME: serviceName,
    OTEL_TRACES_SAMPLER_ARG: rootRatio
  } = config
  if (endpoint === undefined) return NO_TRACING
  const [{ OtelTracing }, { otlpExporter }] = await Promise.all([
    import('../services/tracing/otel-tracing.ts'),
    import('../services/tracing/otlp-exporter.ts')
  ])
  return new OtelTracing({
    serviceName,
    instanceId: `${hostname()}:${process.pid}`,
    exporter: otlpExporter({ endpoint, headers, onError }),
    rootRatio,
    random: () => Math.random(),
    closeDeadlineMs: CLOSE_DEADLINE_MS
  })
}
