import { join } from 'node:path'
import type { FastifyContextConfig, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { priorityOfBody } from '../services/admission/bodies-in-flight.ts'
import { BYTES_CIRCUIT_FIELD, CIRCUIT_FIELD } from '../services/admission/admission-state.ts'
import { AdmissionGate, SPOOL_UNAVAILABLE } from '../services/admission/gate.ts'
import { TOO_MANY_STREAMS } from '../services/admission/stream-slots.ts'
import { worseState } from '../services/admission/circuit.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import { headOffer } from '../services/admission/offer.ts'
import { createPolicies, isPolicyModule } from '../services/admission/policy.ts'
import { HIGHEST_PRIORITY, priorityClass as classOf } from '../services/admission/priority-class.ts'
import { RefusalAnswers } from '../services/admission/refusal-answers.ts'
import { refusalSentence } from '../services/admission/refusal-sentence.ts'
import { CONSEQUENCES, type Refusal } from '../services/admission/refusal.ts'
import { hasMediaType, NDJSON_TYPES } from '../services/intake/content-type.ts'
import { headerTrace } from '../services/event/trace-context.ts'
import { countAdmissions } from '../services/ledger/count-admissions.ts'
import { AdmissionMetrics } from '../services/metrics/admission-metrics.ts'
import { refusalResponses } from '../services/problem/refusal-response.ts'
import { isWriteRefusal } from '../services/redis/outage.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { PROBLEM_CONTENT_TYPE, problemJson, type Problem } from './problem-details.ts'

declare module 'fastify' {
  interface FastifyInstance {
    backpressure: AdmissionGate
    /** All reasons to refuse an event. */
    refusalReasons: readonly string[]
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
    refusalAnswers?: RefusalAnswers
    /** Members that an answer of this route has beside those of a problem, as they are when nothing was read. */
    earlyMembers?: Record<string, unknown>
  }
  interface FastifyReply {
    /** Answers as the kind of the refusal says, with Retry-After and problem details that say why. */
    refuse: (refusal: Refusal, priority: number, members?: Record<string, unknown>) => FastifyReply
    /** The same for a request whose body nobody has begun to read, of a route that takes events; costs next to nothing. */
    refuseUnread: (refusal: Refusal, priority: number) => FastifyReply
  }
}

const BUILT_IN = join(import.meta.dirname, '../services/admission/policies')

export interface AdmissionOptions {
  /** Folders of further policies, each one file. */
  policyFolders?: readonly string[]
}

export default fp<AdmissionOptions>(async (fastify, { policyFolders = [] }) => {
  const {
    bodiesInFlight, config, lifecycle, metricsRegistry, queue, queueMonitor, spool, doorLedger, frequentTypes,
    sampledEvents
  } = fastify
  const folders = [BUILT_IN, ...policyFolders]
  const modules = (await Promise.all(
    folders.map((folder) => loadFolder(folder, isPolicyModule, 'a policy module { rank, create }'))
  )).flat()
  const policies = createPolicies(modules, { now: () => Date.now() })
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
    counters: countAdmissions(doorLedger, metrics, frequentTypes),
    isWriteRefusal,
    // Only for replicas that start later: those that run see the same depth and take the same step.
    onTransition: ({ depth, bytes }) => {
      queue.ledger.setControl(BYTES_CIRCUIT_FIELD, bytes).catch(() => {})
      queue.ledger.setControl(CIRCUIT_FIELD, worseState(depth, bytes)).catch(() => {})
    },
    spool: spool && { classes: config.SPOOL_CLASSES, get canWrite () { return spool.canWrite } }
  })
  queueMonitor.beforeReading(() => gate.inTransit.beginReading())
  queueMonitor.onReading((reading) => gate.observe(reading))
  queueMonitor.onLost((error) => gate.lose(error))
  fastify.decorate('backpressure', gate)
  fastify.decorate('refusalReasons', reasons)
  fastify.decorateRequest('toldPriority', undefined)
  fastify.decorate('bodyPriority', ({ toldPriority }, bytes) =>
    priorityOfBody(toldPriority, bytes, config.DEFAULT_EVENT_PRIORITY))

  function refusalProblem (refusal: Refusal, priority: number, members: Record<string, unknown>): Problem {
    const { kind, reason, retryAfterSeconds } = refusal
    const { status, problemType } = CONSEQUENCES[kind]
    const { circuitState, isDepthKnown } = gate.signals
    return {
      status,
      type: problemType,
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

  fastify.decorateReply('refuse', function (refusal: Refusal, priority: number, members: Record<string, unknown> = {}) {
    const { retryAfterSeconds } = refusal
    if (retryAfterSeconds !== undefined) this.header('retry-after', String(retryAfterSeconds))
    return this.problem(refusalProblem(refusal, priority, members))
  })

  function refuseUnread (
    reply: FastifyReply, answers: RefusalAnswers, refusal: Refusal, priority: number
  ): FastifyReply {
    const { raw, headers: { expect, 'transfer-encoding': coding } } = reply.request
    const { status } = CONSEQUENCES[refusal.kind]
    // A refusal has to cost next to nothing: its text is ready, and what there is of the body is passed over as it
    // comes.
    const { headers, body } = answers.of(refusal, priority)
    if (lifecycle.isDraining || expect !== undefined || coding !== undefined || !reply.raw.shouldKeepAlive) {
      // Who asked first does not send its body now, and what came next on its connection would be taken for it. One
      // whose connection ends with the answer still sends its body, which has to be read for the answer to arrive.
      // Chunks may be a million of one byte, so there is a bound on what is read of them.
      for (let index = 0; index < headers.length; index += 2) reply.header(headers[index] as string, headers[index + 1])
      return reply.code(status).header('connection', 'close').send(body)
    }
    reply.hijack()
    raw.resume()
    reply.raw.writeHead(status, headers).end(body)
    return reply
  }

  fastify.decorateReply('refuseUnread', function (refusal: Refusal, priority: number) {
    return refuseUnread(this, this.request.routeOptions.config.refusalAnswers as RefusalAnswers, refusal, priority)
  })

  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { earlyPriority, earlyMembers } = route.config ?? {}
    if (earlyPriority === undefined) return
    const { response } = (route.schema ?? {}) as { response?: object }
    route.schema = { ...route.schema, response: { ...response, ...refusalResponses(reasons, earlyMembers) } }
    const answers = new RefusalAnswers((refusal, priority) => {
      const body = problemJson(refusalProblem(refusal, priority, earlyMembers ?? {}))
      const length = String(Buffer.byteLength(body))
      const { retryAfterSeconds } = refusal
      const retry = retryAfterSeconds === undefined ? [] : ['retry-after', String(retryAfterSeconds)]
      return { body, headers: [...retry, 'content-type', PROBLEM_CONTENT_TYPE, 'content-length', length] }
    }, () => gate)
    Object.assign(route.config as FastifyContextConfig, { refusalAnswers: answers })
    const offerHead = (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
      const told = earlyPriority(request)
      request.toldPriority = told
      // If the priority is not known before the body, a request is refused only if even the best one would be.
      let priority = told ?? HIGHEST_PRIORITY
      const bytes = Number(request.headers['content-length'] ?? 0)
      let refusal = gate.refuseUnread(headOffer(priority, bytes))
      // A body beyond the limit of its route is not taken at all, and nothing gives way to it.
      const isCounted = bodiesInFlight.isCrowdedWith(bytes) && bytes <= (route.bodyLimit ?? 0) && !isStream(request)
      if (refusal === undefined && isCounted) {
        priority = fastify.bodyPriority(request, bytes)
        if (!bodiesInFlight.hasRoom(classOf(priority), bytes, performance.now())) {
          refusal = gate.refuseUnread(headOffer(priority, bytes), bodiesInFlight.shareWith(bytes))
        }
      }
      if (refusal === undefined) {
        next()
        return
      }
      sampledEvents.refusedUnread(request.spanTrace ?? headerTrace(request.headers), priority, refusal)
      refuseUnread(reply, answers, refusal, priority)
    }
    route.onRequest = [...[route.onRequest ?? []].flat(), offerHead]
  })
}, { name: 'admission', dependencies: ['bodies-in-flight', 'queue', 'spool', 'ledger', 'lifecycle', 'metrics', 'pressure', 'problem-details', 'tracing'] })

/** A stream is not collected: what it has in memory is its own window. */
function isStream ({ headers }: FastifyRequest): boolean {
  return NDJSON_TYPES.some((type) => hasMediaType(headers, type))
}
