/*
 * Policies of one build that live through a history, and the offers that they are asked about.
 *
 *   a twin   a second policy of the same build that lived through the same history but for the one thing in question
 */
import type { Offer } from '../../../services/admission/offer.ts'
import type { Charge, FleetReading, Policy, PolicyContext, PolicyModule } from '../../../services/admission/policy.ts'
import type { Load } from '../../../services/admission/signals.ts'
import { eventOf, offersOf, ONE_OF_EACH_CLASS, ORGANIZATIONS, STARTED_AT, type Posted, type Step } from './policy-history.ts'

/** Builds a policy. */
export type BuildPolicy = (context: PolicyContext) => Policy

/** Builds the policies of a module, with its settings as they are until an operator sets others. */
export function buildOf (module: PolicyModule): BuildPolicy {
  return (context) => module.create({ ...context, settings: () => module.settings?.defaults() ?? {} })
}

/** Policies of one build and one clock. */
export class Trial {
  readonly #build: BuildPolicy
  readonly #context: PolicyContext = { now: () => this.now, settings: () => ({}) }
  now = STARTED_AT

  constructor (build: BuildPolicy) {
    this.#build = build
  }

  policy (): Policy {
    return this.#build(this.#context)
  }

  /** The reading of a fleet whose other replica has stored these events. */
  reading (stored: readonly Posted[]): FleetReading {
    const policy = this.policy()
    for (const offer of stored.map(eventOf)) {
      charge(policy, offer).settled('stored')
    }
    return new Map(Object.entries(policy.report?.() ?? {}))
  }

  /** Leads policies through one history, as a gate that admits whatever they do not refuse. */
  live (policies: readonly Policy[], steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'wait') this.now += step.ms
      else if (step.kind === 'observe') for (const policy of policies) policy.observe?.(this.reading(step.elsewhere))
      else for (const policy of policies) post(policy, step)
    }
  }
}

function post (policy: Policy, { posted, load, outcome }: Step & { kind: 'post' }): void {
  const offer = eventOf(posted)
  if (policy.judge(offer, load) !== undefined) return
  const charged = charge(policy, offer)
  if (outcome !== 'in flight') charged.settled(outcome)
}

/** Charges an offer as the gate does. */
export function charge (policy: Policy, offer: Offer): Charge {
  const own = policy.admitted?.(offer)
  return {
    settled: (outcome) => {
      own?.settled(outcome)
      policy.settled?.(offer, outcome)
    }
  }
}

/** Offers of every organization and class, unread and read. */
export const PROBES: readonly Offer[] = ORGANIZATIONS.flatMap((organizationId) =>
  ONE_OF_EACH_CLASS.flatMap((priority) => {
    const posted: Posted = {
      priority,
      organizationId,
      type: 'telemetry',
      producerId: 'anonymous',
      bytes: 100,
      expiresAt: undefined,
      draw: 0.5
    }
    return offersOf(posted)
  })
)

/** The answers of a policy to all probes. */
export function answersOf (policy: Policy, load: Load): unknown[] {
  return PROBES.map((probe) => policy.judge(probe, load))
}
