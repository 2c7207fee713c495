import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { PriorityMap } from '../services/event/priority-map.ts'
import { headerTrace } from '../services/event/trace-context.ts'
import { BatchStore } from '../services/intake/batch-store.ts'
import { Batchers } from '../services/intake/batchers.ts'
import { EventIntake } from '../services/intake/event-intake.ts'
import { HeadGate } from '../services/intake/head-gate.ts'
import { QueueEventBus } from '../services/intake/queue-event-bus.ts'
import type { IntakeForm, RequestHead } from '../services/intake/request-head.ts'
import { BatchMetrics } from '../services/metrics/batch-metrics.ts'
import { tracedWrite, type Write } from '../services/tracing/traced-write.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    eventBus: QueueEventBus
    /** Judges requests that carry events by their heads. */
    headGate: HeadGate
  }
  interface FastifyRequest {
    /** The parsed headers of a request that carries events. */
    head: RequestHead
  }
  interface FastifyContextConfig {
    /** The form of the body of a route for events. Each POST route has it, or `isOperator`. */
    intake?: IntakeForm
  }
}

export default fp(async (fastify) => {
  const {
    bodiesInFlight,
    config,
    fairOrder,
    lifecycle,
    queue,
    syncedQueue,
    spool,
    backpressure,
    admissionLedger,
    latestEvents,
    metricsRegistry,
    tracing,
    sampledEvents
  } = fastify
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  const headGate = new HeadGate({
    gate: backpressure,
    bodies: bodiesInFlight,
    priorities,
    defaultPriority: config.DEFAULT_EVENT_PRIORITY,
    now: () => performance.now()
  })
  const eventBus = eventBusOf()
  admissionLedger.watch(() => eventBus.pending)
  fastify.decorate('intake', new EventIntake(priorities, config.IDEMPOTENCY_TTL_MS > 0))
  fastify.decorate('eventBus', eventBus)
  fastify.decorateRequest('head', null as unknown as RequestHead)
  fastify.decorate('headGate', headGate)
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { intake: form, isOperator = false } = route.config ?? {}
    if (form !== undefined) {
      route.onRequest = [...[route.onRequest ?? []].flat(), (request, reply, next) => {
        request.head = headGate.read(request.headers, form, request.producer)
        const refused = headGate.refusalOf(request.head, route.bodyLimit ?? 0)
        if (refused === undefined) return next()
        const { refusal, priority } = refused
        sampledEvents.refusedUnread(request.spanTrace ?? headerTrace(request.headers), priority, refusal)
        reply.refuseUnread(refusal, priority)
      }]
    } else if ([route.method].flat().includes('POST') && !isOperator) {
      throw new Error(`${route.url} is a POST route without { intake } or { isOperator }; add one of them to its config`)
    }
  })
  fastify.addHook('onClose', () => eventBus.drain())

  function eventBusOf (): QueueEventBus {
    const metrics = new BatchMetrics(metricsRegistry)
    const isQueueThere = () => backpressure.signals.isDepthKnown
    const timed = <Result>(write: Write<Result>) =>
      metrics.measure(tracedWrite(tracing, write), () => performance.now())
    const store = new BatchStore({
      queue: timed((batch, onSent) => queue.add(batch, onSent)),
      sync: timed((batch, onSent) => syncedQueue.add(batch, onSent)),
      spool: spool && ((batch) => spool.write(batch)),
      spoolClasses: config.SPOOL_CLASSES,
      isQueueThere,
      hardLimit: () => backpressure.signals.thresholds.hardLimit
    })
    const batchers = new Batchers({
      store,
      inTransit: queue.inTransit,
      shardOf: (key, event) => queue.shardOf(key, event),
      maxEvents: config.BATCH_MAX_EVENTS,
      maxBytes: config.BATCH_MAX_BYTES,
      fairOrder,
      patience: {
        // After that time Redis may have forgotten a batch that the first write stored, and would store it twice.
        patienceMs: Math.min(config.OUTAGE_PATIENCE_MS, config.RECEIPT_TTL_MS / 2),
        isQueueThere,
        nextSignals: () => backpressure.nextSignals(),
        stopped: lifecycle.draining
      }
    })
    return new QueueEventBus({
      gate: backpressure,
      batchers,
      spooledEvent: (key) => spool?.remembered(key),
      onTraced: (event, publication) => sampledEvents.published(event, publication),
      onAccepted: (event, text) => latestEvents.record(event, text)
    })
  }
}, {
  name: 'intake',
  dependencies: [
    'admission',
    'bodies-in-flight',
    'config',
    'history',
    'ledger',
    'lifecycle',
    'metrics',
    'producers',
    'queue',
    'refusals',
    'spool',
    'tracing'
  ]
})
