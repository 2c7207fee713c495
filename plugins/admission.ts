import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { AdmissionShare } from '../services/admission/admission-share.ts'
import type { AdmissionSettings } from '../services/admission/admission-state.ts'
import { AdmissionGate, SPOOL_UNAVAILABLE } from '../services/admission/gate.ts'
import { TOO_MANY_KEY_STREAMS, TOO_MANY_STREAMS } from '../services/admission/stream-slots.ts'
import { transitionsOf } from '../services/admission/circuit-record.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import { createPolicies } from '../services/admission/policy.ts'
import type { RefusalReason } from '../services/admission/refusal.ts'
import { withArrivals } from '../services/arrivals/arrival-counts.ts'
import { STALE_AFTER_INTERVALS } from '../services/queue/sampler.ts'
import { settingsInForce } from '../services/control/in-force.ts'
import { countAdmissions } from '../services/ledger/count-admissions.ts'
import { AdmissionMetrics } from '../services/metrics/admission-metrics.ts'
import { showCounter, showGauge } from '../services/metrics/shown.ts'
import { isWriteRefusal } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    backpressure: AdmissionGate
    /** The share of this replica in what all replicas admit. */
    admissionShare: AdmissionShare
    /** All reasons to refuse an event. */
    refusalReasons: readonly string[]
  }
}

export default fp(async (fastify) => {
  const {
    admissionLedger, arrivalRecorder, config, control, fairness, forecast, frequentTypes, metricsRegistry,
    policyModules, queue, queueMonitor, retryAccuracy, settings, spool, statementBook, trustedClock, usage
  } = fastify
  const { backpressure } = settings.current.settings
  const settingsOf = (policy: string) => settings.current.settings[policy] as object | undefined ?? {}
  const policies = createPolicies(policyModules, () => trustedClock.now, settingsOf)
  const refusalReasons: RefusalReason[] = [
    ...policies, { reason: SPOOL_UNAVAILABLE, kind: 'queue' }, { reason: TOO_MANY_STREAMS, kind: 'load' },
    { reason: TOO_MANY_KEY_STREAMS, kind: 'quota' }
  ]
  const metrics = new AdmissionMetrics(metricsRegistry, refusalReasons)
  const counters = countAdmissions(admissionLedger, metrics, frequentTypes, retryAccuracy, usage, statementBook)
  const share = new AdmissionShare(() => performance.now())
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds: backpressure.thresholds,
      byteLimits: { criticalBytes: config.QUEUE_CRITICAL_BYTES, hardBytes: config.QUEUE_HARD_BYTES },
      policies,
      share,
      now: performance.now()
    }),
    mode: backpressure.mode,
    inTransit: queue.inTransit,
    share,
    isProcessOverloaded: () => fastify.isUnderPressure(),
    now: () => performance.now(),
    wall: () => Date.now(),
    random: () => Math.random(),
    log: fastify.log as Logger,
    counters: arrivalRecorder === undefined ? counters : withArrivals(counters, arrivalRecorder.counts),
    isWriteRefusal,
    askForStep: (step) => queue.circuit.move(step, STALE_AFTER_INTERVALS * config.QUEUE_SAMPLE_INTERVAL_MS),
    spool: spool && { classes: config.SPOOL_CLASSES, get canWrite () { return spool.canWrite } }
  })
  queueMonitor.onReading((reading) => {
    const { backpressure: operator } = settings.current.settings
    let inForce: AdmissionSettings = operator
    try {
      inForce = settingsInForce(reading, gate.signals, operator, { control, forecast, fairness, retryAccuracy })
    } finally {
      // If a controller fails, the thresholds of the operator decide.
      gate.observe(reading, inForce)
    }
    retryAccuracy.observe((name) => gate.admits(name))
  })
  queueMonitor.onLost((error) => gate.lose(error))
  queueMonitor.onMove((move) => gate.hearMove(move.control, move.redisTimeMs))
  showGauge(metricsRegistry, {
    name: 'spillway_organizations_above_share',
    help: 'Organizations that post more than their fair shares of the capacity while the queue is under pressure',
    read: () => gate.signals.fairShares?.above ?? 0
  })
  showCounter(metricsRegistry, {
    name: 'spillway_circuit_transitions_total',
    help: 'Changes of the circuit that all replicas follow; each replica shows the same count',
    read: () => queueMonitor.reading && transitionsOf(queueMonitor.reading.control)
  })
  fastify.decorate('admissionShare', share)
  fastify.decorate('backpressure', gate)
  fastify.decorate('refusalReasons', refusalReasons.map(({ reason }) => reason))
}, {
  name: 'admission',
  dependencies: [
    'arrivals',
    'config',
    'control',
    'forecast',
    'ledger',
    'metrics',
    'organizations',
    'policies',
    'pressure',
    'queue',
    'settings',
    'spool',
    'statements',
    'trusted-clock'
  ]
})
