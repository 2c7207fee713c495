import type { Circumstances } from '../../services/admission/controller.ts'
import type { Offer } from '../../services/admission/offer.ts'
import { Permit } from '../../services/admission/permit.ts'
import { ALL_ENFORCED } from '../../services/admission/policy-chain.ts'
import type { FairShares, OverShare, Relief } from '../../services/admission/signals.ts'
import { offersOf } from './offer.ts'
import { Stage } from './stage.ts'

/** Decisions of one kind: `decide` makes the next one, `sample` is the reading between them in a running service. */
export interface Kind {
  /** The prefix of its metrics: `gateAdmitted`. */
  readonly name: string
  readonly decide: () => void
  readonly sample: () => void
  /** The number of decisions with another outcome than this kind; any number but zero invalidates the measurement. */
  readonly strays: () => number
}

/** Numbers of organizations that take turns: few stay in the CPU caches, many do not. */
const FEW = 10
const MANY = 10_000

/** A depth at which everything is admitted, and one at which all but critical events are refused. */
const ROOMY = 1_000
const CROWDED = 60_000

/** As long as the one of a trace; events differ by their organizations. */
const SAMPLE_KEY = '4bf92f3577b34da6a3ce929d0e0e4736'

/** All controllers call for something at once: shares of smooth shedding, of a sample, and of a predicted breach. */
const RELIEF: Relief = {
  capacityPerSecond: 1_000,
  shedding: { shares: { critical: 0, normal: 0.3, low: 0 }, targetDepth: 25_000 },
  kept: { critical: 1, normal: 0.7, low: 0.4 },
  preShed: { share: 0.3, retryAfterMs: 10_000 }
}

/** Quotas that nobody uses up, and quotas of one event an hour. */
const AMPLE = Object.freeze({ default: { eventsPerSecond: 10_000_000, bytesPerSecond: 100_000_000_000 } })
const SCARCE = Object.freeze({ default: { eventsPerSecond: 1 / 3_600, burst: 1 } })

/** Ten thousand organizations are known, every tenth above its share. */
const FAIR: Relief = {
  ...RELIEF,
  fairShares: fairSharesOver(new Map(Array.from({ length: MANY / 10 }, (_, index) => [
    `organization-${index * 10}`, { shares: { critical: 0, normal: 0.3, low: 1 }, perSecond: 2, weight: 1 }
  ])))
}

function fairSharesOver (over: ReadonlyMap<string, OverShare>): FairShares {
  return { above: over.size, level: 1, over: (organizationId = '') => over.get(organizationId) }
}

const CIRCUMSTANCES: Circumstances = { isProcessOverloaded: false, bodyShare: 0, modes: ALL_ENFORCED, canSpool: false }

/**
 * The measured kinds. Without quotas admission stores nothing per organization, so ten thousand of them cost the same
 * computation; but then, as in production, no event is in the CPU caches when the decision is made. With quotas each of
 * them has a bucket.
 *
 * @param isRecording whether arrivals are recorded too
 */
export async function decisionKinds (isRecording: boolean): Promise<Kind[]> {
  const roomy = await Stage.at(ROOMY, isRecording)
  const crowded = await Stage.at(CROWDED, isRecording)
  const relieved = await Stage.at(ROOMY, isRecording, RELIEF)
  const fair = await Stage.at(ROOMY, isRecording, FAIR)
  const drawn = offersOf(MANY, 1).map((offer, index) => ({ ...offer, draw: index % 97 / 97 }))
  const shadowed = {
    roomy: await Stage.at(ROOMY, isRecording, {}, true), crowded: await Stage.at(CROWDED, isRecording, {}, true)
  }
  const any = { few: offersOf(FEW, 1), many: offersOf(MANY, 1) }
  const ample = await Stage.at(ROOMY, isRecording, {}, false, AMPLE)
  const scarce = await Stage.at(ROOMY, isRecording, {}, false, SCARCE)
  for (const offer of any.many) while (isAdmittedByGate(scarce, offer)) scarce.gate.inTransit.recordOut(1)
  const shed = { few: offersOf(FEW, 2), many: offersOf(MANY, 2) }
  return [
    kind('controllerAdmitted', roomy, any.few, (offer) => isAdmittedByController(roomy, offer)),
    kind('controllerRefused', crowded, shed.few, (offer) => !isAdmittedByController(crowded, offer)),
    kind('gateAdmitted', roomy, any.few, (offer) => isAdmittedByGate(roomy, offer)),
    kind('gateRefused', crowded, shed.few, (offer) => !isAdmittedByGate(crowded, offer)),
    kind('shadowAdmitted', shadowed.roomy, any.few, (offer) => isAdmittedByGate(shadowed.roomy, offer)),
    kind('shadowRefused', shadowed.crowded, shed.few, (offer) => !isAdmittedByGate(shadowed.crowded, offer)),
    kind(
      'organizationsAdmitted',
      roomy,
      any.many,
      (offer) => offer.organizationId !== '' && isAdmittedByGate(roomy, offer)
    ),
    kind(
      'organizationsRefused',
      crowded,
      shed.many,
      (offer) => offer.organizationId !== '' && !isAdmittedByGate(crowded, offer)
    ),
    kind('quotasAdmitted', ample, any.many, (offer) => isAdmittedByGate(ample, offer)),
    kind('quotasRefused', scarce, any.many, (offer) => !isAdmittedByGate(scarce, offer)),
    kind('controllersOn', relieved, drawn, (offer) => isJudgedWithAll(relieved, offer)),
    kind('fairSharesOn', fair, drawn, (offer) => isJudgedWithAll(fair, offer))
  ]
}

/** No decision, but what each of them does at least: it looks one of ten thousand organizations up, and makes an object. */
export function lookUpKind (): Kind {
  const names = Array.from({ length: MANY }, (_, index) => `organization-${index}`)
  const known = new Map(names.map((name) => [name, { events: 0 }]))
  const made: object[] = []
  let next = 0
  return {
    name: 'lookUp',
    decide: () => {
      const organization = known.get(names[next] as string)!
      organization.events++
      made[next % FEW] = { organization, priority: next, isAdmitted: true }
      if (++next === MANY) next = 0
    },
    sample: () => {},
    strays: () => 0
  }
}

/** The decision of the controller alone, with the wait for a refused producer. */
function isAdmittedByController ({ controller }: Stage, offer: Offer): boolean {
  const verdict = controller.judge(offer, CIRCUMSTANCES)
  if (verdict === undefined) return true
  controller.retryAfterSeconds(verdict.objection.retry, offer.priority, Math.random())
  return false
}

function isAdmittedByGate ({ gate }: Stage, offer: Offer): boolean {
  const answer = gate.admit(offer)
  return answer instanceof Permit && answer.route === 'queue'
}

const SHED = new Set(['smooth-shed', 'pre-shed', 'fair-share'])

/** The draw, the place in the sample and the decision, as for a posted event with a key. */
function isJudgedWithAll ({ gate }: Stage, offer: Offer): boolean {
  const draw = gate.draw()
  const weight = gate.weightOf(offer, SAMPLE_KEY)
  const answer = gate.admit(offer, false, weight === undefined)
  const isExpected = answer instanceof Permit
    ? (answer.route === 'sampled') === (weight === undefined)
    : SHED.has(answer.reason)
  return isExpected && draw < 1
}

function kind (name: string, stage: Stage, offers: readonly Offer[], isExpected: (offer: Offer) => boolean): Kind {
  let next = 0
  let strays = 0
  return {
    name,
    decide: () => {
      if (!isExpected(offers[next] as Offer)) strays++
      if (++next === offers.length) next = 0
    },
    sample: () => stage.sample(),
    strays: () => strays
  }
}
