import type { AdmissionLogger } from '../services/admission/admission-log.ts'
import { AdmissionController } from '../services/admission/controller.ts'
import type { AdmissionCounters } from '../services/admission/counters.ts'
import { AdmissionGate } from '../services/admission/gate.ts'
import { Permit } from '../services/admission/permit.ts'
import { createPolicies } from '../services/admission/policy.ts'
import { sum } from '../services/admission/sum.ts'
import { Capacity } from '../services/control/capacity.ts'
import { Control, type ControlSettings } from '../services/control/control.ts'
import { settingsInForce } from '../services/control/in-force.ts'
import { RetryAccuracy } from '../services/control/retry-accuracy.ts'
import { OrganizationFairness } from '../services/organizations/fairness.ts'
import { TypeCosts } from '../services/organizations/usage-cost.ts'
import { Usage } from '../services/organizations/usage.ts'
import { NOTHING_AHEAD } from '../services/scaling/scaling-state.ts'
import type { ActingForecast } from './acting-forecast.ts'
import { ADMITTED, SAMPLED_OUT, WOULD_EXPIRE, type Subject, type SubjectContext } from './subject.ts'
import { workOf } from './work-of.ts'

const AWAY = new Error('the queue is away')
const NO_LOG: AdmissionLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const NO_COUNTERS: AdmissionCounters = {
  offered: () => {}, admitted: () => {}, refused: () => {}, settled: () => {}, invalid: () => {}, reset: () => {}
}

export interface ProductionOptions extends Partial<Omit<ControlSettings, 'budgetsMs'>> {
  /** Instead of the policies of production. */
  readonly policies?: SubjectContext['policies']
  /** Makes the forecast, which gets each reading after the capacity has taken it in. */
  readonly forecastOf?: (capacity: Capacity) => ActingForecast
}

/** The gate, the controllers and the policies of production as a subject, on the virtual clock. */
export function productionGate (
  context: SubjectContext,
  { policies = context.policies, forecastOf, ...inForce }: ProductionOptions = {}
): Subject {
  const { now, random, settings, settingsParts, budgetsMs: [critical, normal, low] } = context
  const settingsOf = (policy: string) => settingsParts[policy] as object | undefined ?? {}
  const controlSettings: ControlSettings = {
    thresholds: 'static', shedding: 'cliff', sampling: 'off', fairness: 'off', ...inForce, budgetsMs: { critical, normal, low }
  }
  const capacity = new Capacity()
  const control = new Control({
    capacity, settings: () => controlSettings, onUnderestimated: () => {}
  })
  const forecast = forecastOf?.(capacity)
  const retryAccuracy = new RetryAccuracy({ now })
  const typeCosts = new TypeCosts()
  const usage = new Usage((type) => typeCosts.of(type))
  const fairness = new OrganizationFairness({ usage, settings: () => settingsParts })
  const controllers = { control, forecast, fairness, retryAccuracy }
  let fadedAt = now()
  const gate = new AdmissionGate({
    controller: new AdmissionController({
      thresholds: settings.thresholds, policies: createPolicies(policies, now, settingsOf), now: now()
    }),
    mode: settings.mode,
    now,
    random,
    isProcessOverloaded: () => false,
    log: NO_LOG,
    counters: {
      ...NO_COUNTERS,
      offered: (offer) => usage.offered(offer),
      admitted: ({ priorityClass }) => retryAccuracy.admitted(priorityClass),
      refused: ({ priorityClass }, refusal) => retryAccuracy.refused(priorityClass, refusal)
    },
    isWriteRefusal: () => false
  })
  let weight = 1
  let refusalReason: string | undefined
  return {
    offer: (offer, id) => {
      const draw = gate.draw()
      const drawn = draw === offer.draw ? offer : { ...offer, draw }
      const standsFor = gate.weightOf(drawn, String(id))
      const decision = gate.admit(drawn, false, standsFor === undefined)
      if (!(decision instanceof Permit)) {
        refusalReason = decision.reason
        return decision.kind === 'deadline' ? WOULD_EXPIRE : decision.retryAfterSeconds ?? Infinity
      }
      if (decision.route === 'sampled') {
        decision.settle('sampled')
        return SAMPLED_OUT
      }
      weight = standsFor ?? 1
      // Storing takes no virtual time.
      gate.inTransit.recordOut(1, offer.bytes)
      decision.settle('enqueued')
      return ADMITTED
    },
    observe: (reading) => {
      usage.fade(now() - fadedAt)
      fairness.follow(sum(reading.depthByPriority), now() - fadedAt)
      fadedAt = now()
      typeCosts.observe([reading.serviceMs])
      capacity.observe(workOf(reading))
      gate.observe(reading, settingsInForce(reading, gate.signals, settings, controllers))
      retryAccuracy.observe((name) => gate.admits(name))
    },
    lose: () => {
      gate.lose(AWAY)
      capacity.lose()
      control.lose()
    },
    get weight () { return weight },
    get refusalReason () { return refusalReason },
    get arrivalsAhead () { return forecast?.arrivalsAhead ?? NOTHING_AHEAD },
    get circuitState () { return gate.signals.circuitState }
  }
}
