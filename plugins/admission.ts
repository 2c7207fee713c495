import type { FastifyContextConfig, FastifyReply, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { BYTES_CIRCUIT_FIELD, CIRCUIT_FIELD } from '../services/admission/admission-state.ts'
import { AdmissionGate, SPOOL_UNAVAILABLE } from '../services/admission/gate.ts'
import { TOO_MANY_STREAMS } from '../services/admission/stream-slots.ts'
import { worseState } from '../services/admission/circuit.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import { createPolicies } from '../services/admission/policy.ts'
import { RefusalAnswers, type WireAnswer } from '../services/admission/refusal-answers.ts'
import { CONSEQUENCES, type Refusal, type RefusalReason } from '../services/admission/refusal.ts'
import { countAdmissions } from '../services/ledger/count-admissions.ts'
import { AdmissionMetrics } from '../services/metrics/admission-metrics.ts'
import { refusalOnWire, refusalProblem } from '../services/problem/refusal-problem.ts'
import { refusalResponses } from '../services/problem/refusal-response.ts'
import { isWriteRefusal } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    backpressure: AdmissionGate
    /** All reasons to refuse an event. */
    refusalReasons: readonly string[]
  }
  interface FastifyContextConfig {
    /** The texts of refusals of this route. */
    refusalAnswers?: RefusalAnswers
    /** Members that an answer of this route has besides those of a problem, with their values if nothing was read. */
    unread?: Record<string, unknown>
  }
  interface FastifyReply {
    /** Answers with the status of the kind of the refusal, with Retry-After and problem details that say why. */
    refuse: (refusal: Refusal, priority: number, members?: Record<string, unknown>) => FastifyReply
    /** The same for a request to a route for events, before its body is read; costs next to nothing. */
    refuseUnread: (refusal: Refusal, priority: number) => FastifyReply
  }
}

export default fp(async (fastify) => {
  const {
    config, control, forecast, lifecycle, metricsRegistry, policyModules, queue, queueMonitor, retryAccuracy, settings,
    spool, admissionLedger, frequentTypes
  } = fastify
  const { mode, thresholds } = settings.current.settings.backpressure
  const settingsOf = (policy: string) => settings.current.settings[policy] as object | undefined ?? {}
  const policies = createPolicies(policyModules, () => Date.now(), settingsOf)
  const refusalReasons: RefusalReason[] = [
    ...policies, { reason: SPOOL_UNAVAILABLE, kind: 'queue' }, { reason: TOO_MANY_STREAMS, kind: 'load' }
  ]
  const reasons = refusalReasons.map(({ reason }) => reason)
  const metrics = new AdmissionMetrics(metricsRegistry, refusalReasons)
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds,
      byteLimits: { criticalBytes: config.QUEUE_CRITICAL_BYTES, hardBytes: config.QUEUE_HARD_BYTES },
      policies,
      now: Date.now()
    }),
    mode,
    inTransit: queue.inTransit,
    isProcessOverloaded: () => fastify.isUnderPressure(),
    now: () => Date.now(),
    random: () => Math.random(),
    log: fastify.log as Logger,
    counters: countAdmissions(admissionLedger, metrics, frequentTypes, retryAccuracy),
    isWriteRefusal,
    // Only for replicas that start later: running ones see the same depth and take the same step.
    onTransition: ({ depth, bytes }) => {
      queue.setControl(BYTES_CIRCUIT_FIELD, bytes).catch(() => {})
      queue.setControl(CIRCUIT_FIELD, worseState(depth, bytes)).catch(() => {})
    },
    spool: spool && { classes: config.SPOOL_CLASSES, get canWrite () { return spool.canWrite } }
  })
  queueMonitor.onReading((reading) => {
    const { backpressure } = settings.current.settings
    const inForce = control.observe(reading, gate.signals.arrivalRateByPriority, backpressure.thresholds)
    const relief = {
      capacityPerSecond: control.provenPerSecond,
      ...control.relieve(reading, inForce, gate.signals.circuits.depth),
      preShed: forecast?.observe(reading, inForce),
      refusedMs: retryAccuracy.refusedMs
    }
    gate.observe(reading, { mode: backpressure.mode, thresholds: inForce, ...relief })
    retryAccuracy.observe((name) => gate.admits(name))
  })
  queueMonitor.onLost((error) => gate.lose(error))
  fastify.decorate('backpressure', gate)
  fastify.decorate('refusalReasons', reasons)

  fastify.decorateReply('refuse', function (refusal: Refusal, priority: number, members?: Record<string, unknown>) {
    const { retryAfterSeconds } = refusal
    const { refusalAnswers } = this.request.routeOptions.config
    // Without further members the answer is that of a request that is refused unread, and is prepared.
    if (members === undefined && refusal.mayBeStored !== true && refusalAnswers !== undefined) {
      return sendPrepared(this.code(CONSEQUENCES[refusal.kind].status), refusalAnswers.of(refusal, priority))
    }
    if (retryAfterSeconds !== undefined) this.header('retry-after', String(retryAfterSeconds))
    return this.problem(refusalProblem(refusal, priority, gate, members))
  })

  fastify.decorateReply('refuseUnread', function (refusal: Refusal, priority: number) {
    const { raw, headers: { expect, 'transfer-encoding': coding }, routeOptions } = this.request
    const { status } = CONSEQUENCES[refusal.kind]
    // A refusal has to cost next to nothing: its text is prepared, and the body is discarded as it arrives.
    const answer = (routeOptions.config.refusalAnswers as RefusalAnswers).of(refusal, priority)
    if (lifecycle.isDraining || expect !== undefined || coding !== undefined || !this.raw.shouldKeepAlive) {
      // A sender with Expect: 100-continue does not send its body now, and its next request would be read as that body.
      // A sender whose connection ends with the answer still sends its body, and the answer arrives only if we read it.
      // A body may have a million chunks of one byte, so we read a bounded part of it.
      return sendPrepared(this.code(status).header('connection', 'close'), answer)
    }
    this.hijack()
    raw.resume()
    this.raw.writeHead(status, answer.headers).end(answer.body)
    return this
  })

  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { intake, unread } = route.config ?? {}
    if (intake === undefined) return
    const { response } = (route.schema ?? {}) as { response?: object }
    route.schema = { ...route.schema, response: { ...response, ...refusalResponses(reasons, unread) } }
    const answers = new RefusalAnswers(
      (refusal, priority) => refusalOnWire(refusal, refusalProblem(refusal, priority, gate, unread)), () => gate
    )
    Object.assign(route.config as FastifyContextConfig, { refusalAnswers: answers })
  })
}, {
  name: 'admission',
  dependencies: [
    'config',
    'control',
    'forecast',
    'ledger',
    'lifecycle',
    'metrics',
    'policies',
    'pressure',
    'problem-details',
    'queue',
    'settings',
    'spool'
  ]
})

function sendPrepared (reply: FastifyReply, { headers, body }: WireAnswer): FastifyReply {
  for (let index = 0; index < headers.length; index += 2) reply.header(headers[index] as string, headers[index + 1])
  return reply.send(body)
}
