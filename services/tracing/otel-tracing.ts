/*
 * Records spans with OpenTelemetry and sends them to a collector. Loaded only with a collector; no other file imports
 * the packages of OpenTelemetry.
 *
 * This file and the flag of the context decide whether to record, before any object is created, so the SDK samples all
 * spans that it sees. Nothing is registered globally, and no asynchronous hooks carry a context: the code that begins a
 * span passes its parent.
 */
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as api,
  type Attributes,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer
} from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import { headerTrace, isSampled, traceIdOf, type TraceContext } from '../event/trace-context.ts'
import { QUEUE_NAME } from '../queue/keys.ts'
import { batchContext, type BatchContext } from './batch-context.ts'
import type { ProcessSpans, RequestHead, Span, TracedRoute, Tracing } from './tracing.ts'

export interface OtelTracingOptions {
  serviceName: string
  /** Distinguishes the processes of a service. */
  instanceId: string
  exporter: SpanExporter
  /** The share of requests without a trace that begin one. */
  rootRatio: number
  /** Uniform in [0, 1). */
  random: () => number
  /** How long a stop waits for the collector, milliseconds. */
  closeDeadlineMs: number
}

/** Spans that wait for the collector, some 2 KiB each; beyond them new ones are discarded. */
const MOST_WAITING_SPANS = 4_096
const SPANS_PER_EXPORT = 512
const EXPORT_INTERVAL_MS = 1_000
/** Longer than an exporter takes to give up. */
const EXPORT_PATIENCE_MS = 10_000

const FLAGS_SAMPLED = 1
const SPAN_ID_START = 36
const SPAN_ID_END = 52
const QUEUE_ATTRIBUTES: Attributes = { 'messaging.system': 'bullmq', 'messaging.destination.name': QUEUE_NAME }
const FIRST_SERVER_ERROR = 500

export class OtelTracing implements Tracing {
  readonly isOn = true
  readonly #options: OtelTracingOptions
  readonly #provider: TracerProvider
  readonly #tracer: Tracer

  constructor (options: OtelTracingOptions) {
    this.#options = options
    this.#provider = new TracerProvider({
      sampler: new AlwaysOnSampler(),
      resource: defaultResource()
        .merge(resourceFromAttributes({
          'service.name': options.serviceName,
          'service.instance.id': options.instanceId
        })),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: options.exporter,
          maxQueueSize: MOST_WAITING_SPANS,
          maxExportBatchSize: SPANS_PER_EXPORT,
          scheduledDelayMillis: EXPORT_INTERVAL_MS,
          exportTimeoutMillis: EXPORT_PATIENCE_MS
        })
      ]
    })
    this.#tracer = this.#provider.getTracer('spillway')
  }

  startRequest (route: TracedRoute, { method, url, headers }: RequestHead): Span | undefined {
    const parent = headerTrace(headers)
    const isRecorded = parent === undefined
      ? route.isIntake && this.#options.random() < this.#options.rootRatio
      : isSampled(parent)
    if (!isRecorded) return undefined
    return this.#start(`${method} ${route.path}`, SpanKind.SERVER, { parent, links: [] }, {
      'http.request.method': method, 'http.route': route.path, 'url.scheme': 'http', 'url.path': url.split('?', 1)[0]
    }).span
  }

  startSend (events: readonly QueuedEvent[]): Span | undefined {
    const context = batchContext(events)
    return context && this.#start(`send ${QUEUE_NAME}`, SpanKind.PRODUCER, context, {
      ...QUEUE_ATTRIBUTES,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': events.length
    }).span
  }

  startProcess (events: readonly QueuedEvent[]): ProcessSpans | undefined {
    const context = batchContext(events)
    if (context === undefined) return undefined
    const operation = {
      ...QUEUE_ATTRIBUTES,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process'
    }
    const batch = this.#start(`process ${QUEUE_NAME}`, SpanKind.CONSUMER, context, {
      ...operation,
      'messaging.batch.message_count': events.length
    })
    const ends = events.map((event) => {
      const { trace: parent, id, type, priority, attempt = 1 } = event
      if (parent === undefined || !isSampled(parent)) return undefined
      const { span, otel } = this.#start('process event', SpanKind.CONSUMER, { parent, links: [batch.span.trace] }, {
        ...operation,
        'messaging.message.id': id,
        'spillway.event.type': type,
        'spillway.event.priority': priority,
        'spillway.event.attempt': attempt
      })
      event.trace = span.trace
      return (outcome: Outcome) => {
        event.trace = parent
        otel.setAttribute('spillway.outcome', outcome.status)
        span.end(outcome.status === 'done' ? {} : { error: outcome.reason, isFailure: true })
      }
    })
    return {
      end: (outcomeOf) => {
        for (const [index, end] of ends.entries()) end?.(outcomeOf(index))
        batch.span.end()
      }
    }
  }

  startDelivery (events: readonly QueuedEvent[], url: string): Span | undefined {
    const context = batchContext(events)
    return context && this.#start('POST', SpanKind.CLIENT, context, {
      'http.request.method': 'POST',
      'url.full': url,
      'server.address': URL.parse(url)?.hostname ?? '',
      'messaging.batch.message_count': events.length
    }).span
  }

  async close (): Promise<void> {
    const { promise: deadline, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#options.closeDeadlineMs)
    // The exporter has already reported a silent collector.
    await Promise.race([this.#provider.shutdown().catch(() => {}), deadline])
    clearTimeout(timer)
  }

  #start (
    name: string,
    kind: SpanKind,
    { parent, links }: BatchContext,
    attributes: Attributes
  ): { span: Span, otel: OtelSpan } {
    const otel = this.#tracer.startSpan(name, {
      kind,
      attributes,
      links: links.map((link) => ({ context: spanContextOf(link) }))
    }, below(parent))
    const { traceId, spanId } = otel.spanContext()
    const trace: TraceContext = {
      traceparent: `00-${traceId}-${spanId}-01`,
      ...(parent?.tracestate !== undefined && { tracestate: parent.tracestate })
    }
    const end: Span['end'] = ({ status, error, isFailure } = {}) => {
      if (status !== undefined) otel.setAttribute('http.response.status_code', status)
      const isError = isFailure ?? (error !== undefined || (status !== undefined && status >= FIRST_SERVER_ERROR))
      if (isError)
        otel.setStatus({ code: SpanStatusCode.ERROR, message: error }).setAttribute(
          'error.type',
          error ?? String(status)
        )
      otel.end()
    }
    return { span: { trace, end }, otel }
  }
}

function below (parent: TraceContext | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : api.setSpanContext(ROOT_CONTEXT, spanContextOf(parent))
}

function spanContextOf (trace: TraceContext): SpanContext {
  return {
    traceId: traceIdOf(trace),
    spanId: trace.traceparent.slice(SPAN_ID_START, SPAN_ID_END),
    traceFlags: FLAGS_SAMPLED,
    isRemote: true,
    ...(trace.tracestate !== undefined && { traceState: createTraceState(trace.tracestate) })
  }
}
