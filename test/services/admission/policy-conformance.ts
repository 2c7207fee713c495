/*
 * The laws that every policy keeps, whatever it refuses for. A policy is a black box here: it is built with a clock,
 * lives through a history of charges, refunds and waits, and is asked about offers.
 *
 *   a law    answers a counterexample, or undefined when it found none
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Test } from 'tap'
import type { Policy } from '../../../services/admission/policy.ts'
import { REFUSAL_KINDS } from '../../../services/admission/refusal.ts'
import type { Load } from '../../../services/admission/signals.ts'
import {
  elsewhere, eventOf, headOf, heavierAndHeavier, history, load, loadOf, offersOf, ONE_OF_EACH_CLASS, outcome, posted,
  PRIORITIES, surroundings, waitMs, weight
} from './policy-history.ts'
import { answersOf, type BuildPolicy, charge, PROBES, Trial } from './policy-trial.ts'
import { keptBytesBeyondBound } from './policy-memory.ts'

const RUNS = 1_000

/** The values of the law that was asked last: to draw them costs more than to hold a policy against them. */
let drawn: { readonly of: object, readonly values: readonly unknown[] } | undefined

function valuesOf<Value> (arbitrary: fc.Arbitrary<Value>): readonly Value[] {
  if (drawn?.of !== arbitrary) drawn = { of: arbitrary, values: fc.sample(arbitrary, RUNS) }
  return drawn.values as readonly Value[]
}

/** A claim about every policy, and what looks for a counterexample. */
export interface Law {
  readonly claim: string
  /** @param organizations how many may come, for a law that needs many of them */
  readonly counterexample: (build: BuildPolicy, organizations?: number) => string | undefined
}

/** A law that a property states. */
function lawOf<Values extends [unknown, ...unknown[]]> (
  claim: string, arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  holds: (trial: Trial, ...values: Values) => boolean
): Law {
  const arbitrary = fc.tuple<Values>(...arbitraries)
  return {
    claim,
    counterexample: (build) => {
      for (const values of valuesOf(arbitrary)) {
        try {
          if (!holds(new Trial(build), ...values)) return fc.stringify(values)
        } catch (error) {
          return `${fc.stringify(values)} threw ${(error as Error).message}`
        }
      }
      return undefined
    }
  }
}

/**
 * A law about two policies with the same charges that stay, one of which had others too and got these back.
 *
 * @param holds of the two in that order, under a load
 */
function refundLaw (claim: string, holds: (policy: Policy, twin: Policy, load: Load) => boolean): Law {
  return lawOf(
    claim,
    [history, fc.array(fc.tuple(posted, outcome), { minLength: 1, maxLength: 6 }), fc.option(waitMs), history, load],
    (trial, steps, charges, wait, later, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      const pending = charges.map(([posted, outcome]) => {
        const offer = eventOf(posted)
        const own = charge(policy, offer)
        return { outcome, own, twins: outcome === 'stored' ? charge(twin, offer) : undefined }
      })
      for (const { outcome, own, twins } of pending) {
        if (outcome !== 'stored') continue
        own.settled(outcome)
        twins?.settled(outcome)
      }
      if (wait !== null) trial.live([policy, twin], [{ kind: 'wait', ms: wait }])
      for (const { outcome, own } of pending) if (outcome !== 'stored') own.settled(outcome)
      if (!holds(policy, twin, load)) return false
      trial.live([policy, twin], later)
      return holds(policy, twin, load)
    }
  )
}

export const LAWS = [
  lawOf(
    'an objection has a kind, and a wait or none',
    [history, posted, load],
    (trial, steps, posted, load) => {
      const policy = trial.policy()
      trial.live([policy], steps)
      return offersOf(posted).every((offer) => {
        const objection = policy.judge(offer, load)
        if (objection === undefined) return true
        const { kind, retry } = objection
        if (!REFUSAL_KINDS.includes(kind)) return false
        if (retry === 'never') return true
        return 'belowDepth' in retry
          ? !Number.isNaN(retry.belowDepth)
          : retry.afterMs >= 0 && Number.isFinite(retry.afterMs)
      })
    }
  ),
  lawOf(
    'to judge charges nothing',
    [history, fc.array(fc.tuple(posted, load), { maxLength: 20 }), load],
    (trial, steps, judged, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      for (const [posted, load] of judged) {
        for (const offer of offersOf(posted)) policy.judge(offer, load)
      }
      return isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))
    }
  ),
  lawOf(
    'a request that is refused unread has no event that would be admitted',
    [history, posted, fc.array(posted, { minLength: 1, maxLength: 5 }), fc.array(load, { minLength: 1, maxLength: 8 })],
    (trial, steps, best, others, loads) => {
      const policy = trial.policy()
      trial.live([policy], steps)
      const head = headOf(best)
      const events = [best, ...others].map((other) => eventOf({
        ...other,
        priority: Math.max(best.priority, other.priority),
        producerId: best.producerId,
        organizationId: best.organizationId ?? other.organizationId,
        bytes: Math.min(best.bytes, other.bytes)
      }))
      return loads.every((load) =>
        policy.judge(head, load) === undefined || events.every((event) => policy.judge(event, load) !== undefined))
    }
  ),
  lawOf(
    'more load never admits more',
    [history, posted, fc.array(weight, { minLength: 2, maxLength: 8 }), surroundings],
    (trial, steps, posted, weights, surroundings) => {
      const policy = trial.policy()
      trial.live([policy], steps)
      const loads = heavierAndHeavier(weights).map((weight) => loadOf(weight, surroundings))
      return ONE_OF_EACH_CLASS.flatMap((priority) => offersOf({ ...posted, priority })).every((offer) => {
        const admitted = loads.map((load) => policy.judge(offer, load) === undefined)
        return admitted.every((isAdmitted, index) => !isAdmitted || index === 0 || admitted[index - 1])
      })
    }
  ),
  lawOf(
    'a better class is never refused where a worse one is admitted',
    [history, posted, fc.array(load, { minLength: 1, maxLength: 8 })],
    (trial, steps, posted, loads) => {
      const policy = trial.policy()
      trial.live([policy], steps)
      return loads.every((load) =>
        [headOf, eventOf].every((offerOf) => {
          const admitted = PRIORITIES.map((priority) =>
            policy.judge(offerOf({ ...posted, priority }), load) === undefined
          )
          return admitted.every((isAdmitted, index) => !isAdmitted || index === 0 || admitted[index - 1])
        })
      )
    }
  ),
  refundLaw('a charge that is refunded is none, however much later', (policy, twin, load) =>
    isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))),
  lawOf(
    'a reset forgets, and what was in flight by then is not refunded',
    [history, fc.array(fc.tuple(posted, outcome), { maxLength: 6 }), history, load],
    (trial, steps, charges, later, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy], steps)
      const inFlight = charges.map(([posted, outcome]) => ({ charged: charge(policy, eventOf(posted)), outcome }))
      policy.reset?.()
      if (!isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))) return false
      trial.live([policy, twin], later)
      for (const { charged, outcome } of inFlight) charged.settled(outcome)
      return isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))
    }
  ),
  lawOf(
    'a report has counts, and to report charges nothing',
    [history, load],
    (trial, steps, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      const counts = Object.values(policy.report?.() ?? {})
      return counts.every((count) => Number.isFinite(count) && count >= 0) &&
        isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))
    }
  ),
  lawOf(
    'a reading of the fleet takes the place of the one before',
    [history, elsewhere, elsewhere, load],
    (trial, steps, before, now, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      trial.live([policy], [{ kind: 'observe', elsewhere: before }])
      trial.live([policy, twin], [{ kind: 'observe', elsewhere: now }])
      return isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))
    }
  ),
  lawOf(
    'the more is charged elsewhere, the less is admitted here',
    [history, elsewhere, elsewhere, load],
    (trial, steps, some, more, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      trial.live([twin], [{ kind: 'observe', elsewhere: some }])
      trial.live([policy], [{ kind: 'observe', elsewhere: [...some, ...more] }])
      return PROBES.every((offer) => policy.judge(offer, load) !== undefined || twin.judge(offer, load) === undefined)
    }
  ),
  {
    claim: 'a million organizations take bounded memory',
    counterexample: (build: BuildPolicy, organizations?: number) => {
      // They would count as memory of the policy as soon as they are collected.
      drawn = undefined
      return keptBytesBeyondBound(build, organizations)
    }
  }
] as const satisfies readonly Law[]

/** The laws of a policy with a bounded debt: the bound may forgive a charge before it is refunded. */
export const LAWS_WITH_BOUNDED_DEBT: readonly Law[] = LAWS.map((law) => law.claim.startsWith('a charge that is refunded')
  ? refundLaw('a charge that is refunded leaves no less, however much later', (policy, twin, load) =>
    PROBES.every((offer) => policy.judge(offer, load) === undefined || twin.judge(offer, load) !== undefined))
  : law)

export type Claim = (typeof LAWS)[number]['claim']

/** Asserts these laws of the policies of these builds, as tests of their own. */
export function testConformance (t: Test, builds: ReadonlyMap<string, BuildPolicy>, laws: readonly Law[] = LAWS): void {
  for (const { claim, counterexample } of laws) {
    for (const [name, build] of builds) {
      void t.test(`${name}: ${claim}`, async (t) => { t.equal(counterexample(build), undefined) })
    }
  }
}
