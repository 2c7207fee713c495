import { join } from 'node:path'
import type { FastifyContextConfig, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { priorityOfBody } from '../services/admission/bodies-in-flight.ts'
import { AdmissionGate, BYTES_CIRCUIT_FIELD, CIRCUIT_FIELD, SPOOL_UNAVAILABLE } from '../services/admission/gate.ts'
import { ShedAnswers } from '../services/admission/shed-answers.ts'
import { TOO_MANY_STREAMS } from '../services/admission/stream-slots.ts'
import { worseState } from '../services/admission/circuit.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import type { Refusal } from '../services/admission/decision.ts'
import { priorityClass as classOf } from '../services/admission/priority-class.ts'
import { isSheddingPolicy } from '../services/admission/policy.ts'
import { refusalSentence } from '../services/admission/refusal-sentence.ts'
import { hasMediaType, NDJSON_TYPES } from '../services/event/content-type.ts'
import { headerTrace } from '../services/event/trace-context.ts'
import { AdmissionMetrics } from '../services/metrics/admission-metrics.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { PROBLEM_CONTENT_TYPE, problemJson, type Problem } from './problem-details.ts'

declare module 'fastify' {
  interface FastifyInstance {
    backpressure: AdmissionGate
    /** All reasons to refuse an event with 503. */
    shedReasons: readonly string[]
    /** The priority by which a body of so many bytes is refused. */
    bodyPriority: (request: FastifyRequest, bytes: number) => number
  }
  interface FastifyRequest {
    /** The priority that is known before the body, if it is. */
    toldPriority: number | undefined
  }
  interface FastifyContextConfig {
    /** Set by routes that take events: tells the priority as far as it is known before the body, which is then not read if it is refused. */
    earlyPriority?: (request: FastifyRequest) => number | undefined
    /** The texts of refusals of this route. */
    shedAnswers?: ShedAnswers
    /** Members that an answer of this route has beside those of a problem, as they are when nothing was read. */
    earlyMembers?: Record<string, unknown>
  }
  interface FastifyReply {
    /** Answers 503 with Retry-After and problem details that say why. */
    shed: (refusal: Refusal, priority: number, members?: Record<string, unknown>) => FastifyReply
    /** The same for a request whose body nobody has begun to read, of a route that takes events; costs next to nothing. */
    shedUnread: (refusal: Refusal, priority: number) => FastifyReply
  }
}

const SHED_STATUS = 503

const POLICIES = join(import.meta.dirname, '../services/admission/policies')

/** Where the priority is not known before the body, a request is refused early only if even this one would be. */
const BEST_PRIORITY = 1

export default fp(async (fastify) => {
  const {
    bodiesInFlight, config, lifecycle, metricsRegistry, queue, queueMonitor, spool, doorLedger, sampledEvents
  } = fastify
  const policies = (await loadFolder(POLICIES, isSheddingPolicy, 'a shedding policy { rank, refuses, readmitsAtDepth }'))
    .map(({ name, value }) => ({ ...value, reason: name }))
  const reasons = [...policies.map(({ reason }) => reason), SPOOL_UNAVAILABLE, TOO_MANY_STREAMS]
  const metrics = new AdmissionMetrics(metricsRegistry, reasons)
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds: {
        recovery: config.QUEUE_RECOVERY_THRESHOLD,
        warning: config.QUEUE_WARNING_THRESHOLD,
        critical: config.QUEUE_CRITICAL_THRESHOLD,
        hardLimit: config.QUEUE_HARD_LIMIT
      },
      byteLimits: { criticalBytes: config.QUEUE_CRITICAL_BYTES, hardBytes: config.QUEUE_HARD_BYTES },
      policies,
      now: Date.now()
    }),
    mode: config.ENABLE_BACKPRESSURE,
    isProcessOverloaded: () => fastify.isUnderPressure(),
    now: () => Date.now(),
    random: () => Math.random(),
    log: fastify.log as Logger,
    onDecision: (priorityClass, reason) => {
      metrics.count(priorityClass, reason)
      if (reason !== undefined) doorLedger.noteRefused(reason, priorityClass)
    },
    // Only for replicas that start later: those that run see the same depth and take the same step.
    onTransition: ({ depth, bytes }) => {
      queue.ledger.setControl(BYTES_CIRCUIT_FIELD, bytes).catch(() => {})
      queue.ledger.setControl(CIRCUIT_FIELD, worseState(depth, bytes)).catch(() => {})
    },
    onReset: () => metrics.reset(),
    spool: spool && { classes: config.SPOOL_CLASSES, get canWrite () { return spool.canWrite } }
  })
  queueMonitor.beforeReading(() => gate.inTransit.beginReading())
  queueMonitor.onReading((reading) => gate.observe(reading))
  queueMonitor.onLost((error) => gate.lose(error))
  fastify.decorate('backpressure', gate)
  fastify.decorate('shedReasons', reasons)
  fastify.decorateRequest('toldPriority', undefined)
  fastify.decorate('bodyPriority', ({ toldPriority }, bytes) =>
    priorityOfBody(toldPriority, bytes, config.DEFAULT_EVENT_PRIORITY))

  function shedProblem (refusal: Refusal, priority: number, members: Record<string, unknown>): Problem {
    const { reason, retryAfterSeconds } = refusal
    const { circuitState, isDepthKnown } = gate.signals
    return {
      status: SHED_STATUS,
      slug: 'shed',
      detail: refusalSentence(refusal, { isMany: 'results' in members, refusesWrites: gate.refusesWrites }),
      reason,
      circuitState,
      queueDepth: isDepthKnown ? gate.depth : null,
      // The state of the circuit is then that of the last reading.
      ...(!isDepthKnown && { isKnown: false }),
      priority,
      retryAfterSeconds,
      ...(refusal.mayBeStored === true && { mayBeStored: true }),
      ...members
    }
  }

  fastify.decorateReply('shed', function (refusal: Refusal, priority: number, members: Record<string, unknown> = {}) {
    return this.header('retry-after', String(refusal.retryAfterSeconds)).problem(shedProblem(refusal, priority, members))
  })

  function shedUnread (reply: FastifyReply, answers: ShedAnswers, refusal: Refusal, priority: number): FastifyReply {
    const { raw, headers: { expect, 'transfer-encoding': coding } } = reply.request
    // A refusal has to cost next to nothing: its text is ready, and what there is of the body is passed over as it comes.
    const { headers, body } = answers.of(refusal, priority)
    if (lifecycle.isDraining || expect !== undefined || coding !== undefined || !reply.raw.shouldKeepAlive) {
      // Who asked first does not send its body now, and what came next on its connection would be taken for it. One whose
      // connection ends with the answer still sends its body, which has to be read for the answer to arrive. Chunks may be
      // a million of one byte, so there is a bound on what is read of them.
      for (let index = 0; index < headers.length; index += 2) reply.header(headers[index] as string, headers[index + 1])
      return reply.code(SHED_STATUS).header('connection', 'close').send(body)
    }
    reply.hijack()
    raw.resume()
    reply.raw.writeHead(SHED_STATUS, headers).end(body)
    return reply
  }

  fastify.decorateReply('shedUnread', function (refusal: Refusal, priority: number) {
    return shedUnread(this, this.request.routeOptions.config.shedAnswers as ShedAnswers, refusal, priority)
  })

  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { earlyPriority, earlyMembers = {} } = route.config ?? {}
    if (earlyPriority === undefined) return
    const answers = new ShedAnswers((refusal, priority) => {
      const body = problemJson(shedProblem(refusal, priority, earlyMembers))
      const length = String(Buffer.byteLength(body))
      return { body, headers: ['retry-after', String(refusal.retryAfterSeconds), 'content-type', PROBLEM_CONTENT_TYPE, 'content-length', length] }
    }, () => gate)
    Object.assign(route.config as FastifyContextConfig, { shedAnswers: answers })
    const refuseUnread = (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
      const told = earlyPriority(request)
      request.toldPriority = told
      let priority = told ?? BEST_PRIORITY
      let refusal = gate.refuseEarly(priority)
      if (refusal === undefined) {
        const bytes = Number(request.headers['content-length'] ?? 0)
        // A body beyond the limit of its route is not taken at all, and nothing gives way to it.
        if (bodiesInFlight.isCrowdedWith(bytes) && bytes <= (route.bodyLimit ?? 0) && !isStream(request)) {
          priority = fastify.bodyPriority(request, bytes)
          if (!bodiesInFlight.hasRoom(classOf(priority), bytes, performance.now())) {
            refusal = gate.refuseEarly(priority, bodiesInFlight.shareWith(bytes))
          }
        }
      }
      if (refusal === undefined) {
        next()
        return
      }
      doorLedger.receive(priority)
      doorLedger.settle('shed', priority)
      sampledEvents.refusedUnread(request.spanTrace ?? headerTrace(request.headers), priority, refusal)
      shedUnread(reply, answers, refusal, priority)
    }
    route.onRequest = [...[route.onRequest ?? []].flat(), refuseUnread]
  })
}, { name: 'backpressure', dependencies: ['bodies-in-flight', 'queue', 'spool', 'ledger', 'lifecycle', 'metrics', 'pressure', 'problem-details', 'tracing'] })

/** A stream is not collected: what it has in memory is its own window. */
function isStream ({ headers }: FastifyRequest): boolean {
  return NDJSON_TYPES.some((type) => hasMediaType(headers, type))
}
