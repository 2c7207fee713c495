import { offersOf, type Offer } from './offer.ts'
import { Stage } from './stage.ts'

/** Decisions of one kind: `decide` takes the next one, `sample` is what comes between them in a running service. */
export interface Kind {
  /** As metrics begin: `gateAdmitted`. */
  readonly name: string
  readonly decide: () => void
  readonly sample: () => void
  /** Decisions that came out otherwise than this kind is about; anything but zero spoils what was measured. */
  readonly strays: () => number
}

/** Organizations whose events come round in turn: few stay in the caches, many do not. */
const FEW = 10
const MANY = 10_000

/** Events waiting before which everything is admitted, and before which all but critical events are refused. */
const ROOMY = 1_000
const CROWDED = 60_000

/**
 * The kinds that are measured. Admission keeps nothing per organization, so with ten thousand of them the same is computed;
 * what differs is that no event is in the caches when it is decided on, as in life.
 */
export async function decisionKinds (): Promise<Kind[]> {
  const roomy = await Stage.at(ROOMY)
  const crowded = await Stage.at(CROWDED)
  const any = { few: offersOf(FEW, 1), many: offersOf(MANY, 1) }
  const shed = { few: offersOf(FEW, 2), many: offersOf(MANY, 2) }
  return [
    kind('controllerAdmitted', roomy, any.few, ({ priority }) => roomy.controller.decide(priority, false, Math.random).admitted),
    kind('controllerRefused', crowded, shed.few, ({ priority }) => !crowded.controller.decide(priority, false, Math.random).admitted),
    kind('gateAdmitted', roomy, any.few, ({ priority }) => roomy.gate.admit(priority) === 'queue'),
    kind('gateRefused', crowded, shed.few, ({ priority }) => typeof crowded.gate.admit(priority) === 'object'),
    kind('organizationsAdmitted', roomy, any.many, ({ priority, organizationId }) => organizationId !== '' && roomy.gate.admit(priority) === 'queue'),
    kind('organizationsRefused', crowded, shed.many, ({ priority, organizationId }) => organizationId !== '' && typeof crowded.gate.admit(priority) === 'object')
  ]
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
