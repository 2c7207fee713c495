import type { AdmissionLogger } from '../services/admission/admission-log.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import type { AdmissionCounters } from '../services/admission/counters.ts'
import { AdmissionGate } from '../services/admission/gate.ts'
import { Permit } from '../services/admission/permit.ts'
import { createPolicies } from '../services/admission/policy.ts'
import type { Signals } from '../services/admission/signals.ts'
import type { Thresholds } from '../services/admission/thresholds.ts'
import { ADMITTED, type Reading, type Subject, type SubjectContext } from './subject.ts'

const NO_LOG: AdmissionLogger = { info: () => {}, warn: () => {}, error: () => {} }
const NO_COUNTERS: AdmissionCounters = {
  offered: () => {}, admitted: () => {}, refused: () => {}, settled: () => {}, invalid: () => {}, reset: () => {}
}

export interface ProductionOptions {
  /** Instead of the policies of production. */
  readonly policies?: SubjectContext['policies']
  /** The thresholds in force from a reading on, given what was known before; without it those of the settings. */
  readonly thresholdsOf?: (reading: Reading, signals: Signals) => Thresholds
}

/** The gate, the controller and the policies of production as a subject, on the virtual clock. */
export function productionGate (
  context: SubjectContext, { policies = context.policies, thresholdsOf }: ProductionOptions = {}
): Subject {
  const { now, random, settings: { mode, thresholds } } = context
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds, policies: createPolicies(policies, now), now: now()
    }),
    mode,
    now,
    random,
    isProcessOverloaded: () => false,
    log: NO_LOG,
    counters: NO_COUNTERS,
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
      gate.observe(reading, { mode, thresholds: thresholdsOf?.(reading, gate.signals) ?? thresholds })
    },
    get circuitState () { return gate.signals.circuitState }
  }
}
