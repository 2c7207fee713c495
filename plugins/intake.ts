import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { priorityOfBody } from '../services/admission/bodies-in-flight.ts'
import { headOffer } from '../services/admission/offer.ts'
import { HIGHEST_PRIORITY, priorityClass } from '../services/admission/priority-class.ts'
import type { Refusal } from '../services/admission/refusal.ts'
import { PriorityMap } from '../services/event/priority-map.ts'
import { headerTrace } from '../services/event/trace-context.ts'
import { BatchStore } from '../services/intake/batch-store.ts'
import { Batchers } from '../services/intake/batchers.ts'
import { EventIntake } from '../services/intake/event-intake.ts'
import { QueueEventBus } from '../services/intake/queue-event-bus.ts'
import { RequestHead, type IntakeForm } from '../services/intake/request-head.ts'
import { BatchMetrics } from '../services/metrics/batch-metrics.ts'
import type { Batch } from '../services/queue/batch.ts'
import type { Tracing } from '../services/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    eventBus: QueueEventBus
    /** The priority by which a body of so many bytes is refused. */
    bodyPriority: (request: FastifyRequest, bytes: number) => number
  }
  interface FastifyRequest {
    /** The headers of a request that takes events. */
    head: RequestHead
    /** The priority that is known before the body, if it is. */
    surePriority: number | undefined
  }
  interface FastifyContextConfig {
    /** The form of the body of a route that takes events. Each POST route has it, or is an operator's. */
    intake?: IntakeForm
  }
}

/*
 * The way of an event begins here, with the head of its request: an offer for the best event that it could contain is
 * refused before a byte of the body is read. A route takes the rest in (services/intake/event-intake.ts) and submits it
 * to the event bus (services/intake/queue-event-bus.ts).
 */
export default fp(async (fastify) => {
  const {
    bodiesInFlight, config, lifecycle, queue, syncedQueue, spool, backpressure, admissionLedger, latestEvents, metricsRegistry,
    tracing, sampledEvents
  } = fastify
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  const eventBus = eventBusOf()
  admissionLedger.watch(() => eventBus.pending)
  fastify.decorate('intake', new EventIntake(priorities, config.IDEMPOTENCY_TTL_MS > 0))
  fastify.decorate('eventBus', eventBus)
  fastify.decorateRequest('head', null as unknown as RequestHead)
  fastify.decorateRequest('surePriority', undefined)
  fastify.decorate('bodyPriority', ({ surePriority }, bytes) =>
    priorityOfBody(surePriority, bytes, config.DEFAULT_EVENT_PRIORITY))
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { intake: form, isOperator = false } = route.config ?? {}
    if (form !== undefined) {
      route.onRequest = [...[route.onRequest ?? []].flat(), (request, reply, next) => {
        const refusal = offerHead(request, form, route.bodyLimit ?? 0)
        if (refusal === undefined) next()
        else refuseHead(request, reply, refusal)
      }]
    } else if ([route.method].flat().includes('POST') && !isOperator) {
      throw new Error(`${route.url} takes POST: its config has to say { intake } or { isOperator }`)
    }
  })
  fastify.addHook('onClose', () => eventBus.drain())

  interface HeadRefusal { refusal: Refusal, priority: number }

  /** @param bodyLimit a body beyond the limit of its route is not taken at all, and nothing gives way to it */
  function offerHead (request: FastifyRequest, form: IntakeForm, bodyLimit: number): HeadRefusal | undefined {
    const head = request.head = new RequestHead(request.headers)
    const surePriority = request.surePriority = head.surePriority(form, priorities)
    // If the priority is not known before the body, a request is refused only if even the best one would be.
    const best = surePriority ?? HIGHEST_PRIORITY
    const bytes = Number(request.headers['content-length'] ?? 0)
    const refusal = backpressure.refuseUnread(headOffer(best, bytes))
    if (refusal !== undefined) return { refusal, priority: best }
    if (!bodiesInFlight.isCrowdedWith(bytes) || bytes > bodyLimit || head.isStream) return undefined
    const priority = fastify.bodyPriority(request, bytes)
    if (bodiesInFlight.hasRoom(priorityClass(priority), bytes, performance.now())) return undefined
    const noRoom = backpressure.refuseUnread(headOffer(priority, bytes), bodiesInFlight.shareWith(bytes))
    return noRoom && { refusal: noRoom, priority }
  }

  function refuseHead (request: FastifyRequest, reply: FastifyReply, { refusal, priority }: HeadRefusal): void {
    sampledEvents.refusedUnread(request.spanTrace ?? headerTrace(request.headers), priority, refusal)
    reply.refuseUnread(refusal, priority)
  }

  function eventBusOf (): QueueEventBus {
    const metrics = new BatchMetrics(metricsRegistry)
    const isQueueThere = () => backpressure.signals.isDepthKnown
    const timed = (write: QueueWrite) => metrics.measure(recorded(tracing, write), () => performance.now())
    const store = new BatchStore({
      queue: timed((batch, onSent) => queue.add(batch, onSent)),
      sync: timed((batch, onSent) => syncedQueue.add(batch, onSent)),
      spool: spool && ((batch) => spool.write(batch)),
      spoolClasses: config.SPOOL_CLASSES,
      isQueueThere
    })
    const batchers = new Batchers({
      store,
      inTransit: queue.inTransit,
      shardOf: (key) => queue.shardOf(key),
      maxEvents: config.BATCH_MAX_EVENTS,
      maxBytes: config.BATCH_MAX_BYTES,
      patience: {
        // Beyond that a batch that landed in the first place may have been forgotten, and would be stored twice.
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
  dependencies: ['admission', 'bodies-in-flight', 'config', 'history', 'ledger', 'lifecycle', 'metrics', 'queue', 'spool', 'tracing']
})

type QueueWrite = (batch: Batch, onSent: () => void) => ReturnType<FastifyInstance['queue']['add']>

/** A write of batches with its span; the very same write where nothing is recorded. */
function recorded<Result> (tracing: Tracing, write: (batch: Batch, onSent: () => void) => Promise<Result>): typeof write {
  if (!tracing.isOn) return write
  return async (batch, onSent) => {
    const span = tracing.startSend(batch.events)
    try {
      const result = await write(batch, onSent)
      span?.end()
      return result
    } catch (error) {
      span?.end({ error: (error as Error).message })
      throw error
    }
  }
}
