import type { AdmissionLogger } from '../services/admission/admission-log.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import type { AdmissionCounters } from '../services/admission/counters.ts'
import { AdmissionGate } from '../services/admission/gate.ts'
import { Permit } from '../services/admission/permit.ts'
import { createPolicies } from '../services/admission/policy.ts'
import { Capacity } from '../services/control/capacity.ts'
import { Control } from '../services/control/control.ts'
import { RetryAccuracy } from '../services/control/retry-accuracy.ts'
import { ADMITTED, type Subject, type SubjectContext } from './subject.ts'
import { workOf } from './work-of.ts'

const NO_LOG: AdmissionLogger = { info: () => {}, warn: () => {}, error: () => {} }
const NO_COUNTERS: AdmissionCounters = {
  offered: () => {}, admitted: () => {}, refused: () => {}, settled: () => {}, invalid: () => {}, reset: () => {}
}

export interface ProductionOptions {
  /** Instead of the policies of production. */
  readonly policies?: SubjectContext['policies']
  /** Whether thresholds follow the measured capacity. */
  readonly isAdaptive?: boolean
}

/** The gate, the controller, the control and the policies of production as a subject, on the virtual clock. */
export function productionGate (
  context: SubjectContext, { policies = context.policies, isAdaptive = false }: ProductionOptions = {}
): Subject {
  const { now, random, settings: { mode, thresholds }, budgetsMs: [critical, normal, low] } = context
  const capacity = new Capacity()
  const control = new Control({
    capacity, isAdaptive, budgetMs: { critical, normal, low }, onUnderestimated: () => {}
  })
  const accuracy = new RetryAccuracy({ now })
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds, policies: createPolicies(policies, now), now: now()
    }),
    mode,
    now,
    random,
    isProcessOverloaded: () => false,
    log: NO_LOG,
    counters: {
      ...NO_COUNTERS,
      admitted: ({ priorityClass }) => accuracy.admitted(priorityClass),
      refused: ({ priorityClass }, refusal) => accuracy.refused(priorityClass, refusal)
    },
    isWriteRefusal: () => false,
    onTransition: () => {}
  })
  return {
    offer: (offer) => {
      const decision = gate.admit(offer)
      if (!(decision instanceof Permit)) return decision.retryAfterSeconds ?? Infinity
      // Storing takes no virtual time.
      gate.inTransit.recordSent(1, offer.bytes)
      decision.settle('enqueued')
      return ADMITTED
    },
    observe: (reading) => {
      gate.inTransit.beginReading()
      capacity.observe(workOf(reading))
      const inForce = control.observe(reading, gate.signals.arrivalRateByPriority, thresholds)
      gate.observe(reading, {
        mode, thresholds: inForce, capacityPerSecond: control.provenPerSecond, refusedMs: accuracy.refusedMs
      })
      accuracy.observe((name) => gate.admits(name))
    },
    get circuitState () { return gate.signals.circuitState }
  }
}
