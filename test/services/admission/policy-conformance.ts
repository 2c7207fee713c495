/*
 * The laws that every policy keeps, whatever it refuses for. A policy is a black box here: it is built with a clock,
 * lives through a history of charges, refunds and waits, and is asked about offers.
 *
 *   a law    answers a counterexample, or undefined when it found none
 *   a twin   a second policy of the same build that lived through the same history but for the one thing in question
 */
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { Test } from 'tap'
import { BODY_SHARE } from '../../../services/admission/body-share.ts'
import { CIRCUIT_STATES } from '../../../services/admission/circuit.ts'
import { BEST_DRAW, type Offer } from '../../../services/admission/offer.ts'
import type {
  FleetReading,
  PermitOutcome,
  Policy,
  PolicyContext,
  PolicyModule
} from '../../../services/admission/policy.ts'
import { HIGHEST_PRIORITY, LOWEST_PRIORITY, priorityClass } from '../../../services/admission/priority-class.ts'
import { REFUSAL_KINDS } from '../../../services/admission/refusal.ts'
import type { FairShares, Load, OverShare, Shedding } from '../../../services/admission/signals.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { loadAt, THRESHOLDS } from './load.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'

export type BuildPolicy = (context: PolicyContext) => Policy

/** Builds the policies of a module, with its settings as they are until an operator sets others. */
export function buildOf (module: PolicyModule): BuildPolicy {
  return (context) => module.create({ ...context, settings: () => module.settings?.defaults() ?? {} })
}

const STARTED_AT = 1_750_000_000_000
const MILLION = 1_000_000
/** The bounds are those for a million organizations; fewer have less. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024
/** Two bytes for each of half a million: chance, and no organization. */
const LEAST_KEPT_BYTES = 1024 * 1024
/** A policy that is full keeps no more for another half of a million, but for what the collector leaves lying about. */
const MOST_GROWTH_BYTES = 8 * 1024 * 1024

/** Few, so that a short history uses up what one of them may. */
const ORGANIZATIONS = ['acme', 'globex', undefined]
const TYPES = ['telemetry', 'alarm']
const PRODUCERS = ['anonymous', 'gateway']

/** An event that a producer posts. */
interface Posted {
  readonly priority: number
  readonly organizationId: string | undefined
  readonly type: string
  readonly producerId: string
  readonly bytes: number
  readonly expiresAt: number | undefined
  readonly draw: number
}

const PRIORITIES = Array.from({ length: LOWEST_PRIORITY }, (_, index) => HIGHEST_PRIORITY + index)
const ONE_OF_EACH_CLASS = [1, 5, 9]

const posted: fc.Arbitrary<Posted> = fc.record({
  priority: fc.constantFrom(...PRIORITIES),
  organizationId: fc.constantFrom(...ORGANIZATIONS),
  type: fc.constantFrom(...TYPES),
  producerId: fc.constantFrom(...PRODUCERS),
  bytes: fc.nat({ max: 10_000 }),
  expiresAt: fc.option(fc.integer({ min: STARTED_AT - 1_000, max: STARTED_AT + 100_000 }), { nil: undefined }),
  draw: fc.oneof(fc.nat({ max: 999 }).map((draw) => draw / 1_000), fc.constant(BEST_DRAW))
})

function eventOf ({ priority, organizationId, type, producerId, bytes, expiresAt, draw }: Posted): Offer {
  return {
    stage: 'event', isInternal: false, priority, priorityClass: priorityClass(priority),
    producer: { ...UNLIMITED, id: producerId },
    organizationId, type, bytes, expiresAt, draw
  }
}

/** The head of a request whose best event is this one. */
function headOf (posted: Posted): Offer {
  return { ...eventOf(posted), stage: 'head', type: undefined, expiresAt: undefined, draw: BEST_DRAW }
}

/** The same unread and read. */
function offersOf (posted: Posted): readonly Offer[] {
  return [headOf(posted), eventOf(posted)]
}

/** The part of a load that can get heavier. */
interface Weight {
  readonly depth: number
  readonly usedBytes: number
  readonly bodyShare: number
  readonly isProcessOverloaded: boolean
}

const BYTES: Thresholds = { recovery: 630, warning: 665, critical: 700, hardLimit: 900 }

/** Any number up to beyond the thresholds, and every other time one of them or a other of it. */
const numberAround = (thresholds: Thresholds) => fc.oneof(
  fc.nat({ max: 1_500 }), fc.constantFrom(...Object.values(thresholds).flatMap((at: number) => [at - 1, at, at + 1]))
)

const weight: fc.Arbitrary<Weight> = fc.record({
  depth: numberAround(THRESHOLDS),
  usedBytes: numberAround(BYTES),
  bodyShare: fc.oneof(fc.double({ min: 0, max: 1.5, noNaN: true }), fc.constantFrom(0, ...Object.values(BODY_SHARE))),
  isProcessOverloaded: fc.boolean()
})

/** As many weights of the same numbers, each no lighter in anything than the one before. */
function heavierAndHeavier (weights: readonly Weight[]): Weight[] {
  const ascending = (numberOf: (weight: Weight) => number) => weights.map(numberOf).toSorted((a, b) => a - b)
  const depths = ascending(({ depth }) => depth)
  const usedBytes = ascending(({ usedBytes }) => usedBytes)
  const bodyShares = ascending(({ bodyShare }) => bodyShare)
  const overloads = ascending(({ isProcessOverloaded }) => Number(isProcessOverloaded))
  return weights.map((_, index) => ({
    depth: depths[index] as number,
    usedBytes: usedBytes[index] as number,
    bodyShare: bodyShares[index] as number,
    isProcessOverloaded: overloads[index] === 1
  }))
}

/** Shares as smooth shedding makes them. */
const shedding: fc.Arbitrary<Shedding> = fc.record({
  pressure: fc.oneof(fc.integer({ min: 0, max: 1_950 }), fc.constantFrom(0, 1_000)), targetDepth: fc.nat({ max: 1_000 })
}).map(({ pressure, targetDepth }) => ({
  shares: { critical: 0, normal: Math.max(0, pressure / 1_000 - 1), low: Math.min(1, pressure / 1_000) }, targetDepth
}))

/** The part of a load that is neither light nor heavy. */
const surroundings = fc.record({
  isDepthKnown: fc.boolean(),
  circuits: fc.record({ depth: fc.constantFrom(...CIRCUIT_STATES), bytes: fc.constantFrom(...CIRCUIT_STATES) }),
  byteThresholds: fc.constantFrom(undefined, BYTES),
  shedding: fc.option(shedding, { nil: undefined }),
  kept: fc.constantFrom(undefined, { critical: 1, normal: 1, low: 0.5 }, { critical: 1, normal: 0.5, low: 0.01 }),
  waits: fc.option(
    fc.tuple(fc.nat(50_000), fc.nat(50_000), fc.oneof(fc.nat(50_000), fc.constant(Infinity)), fc.nat(100)).map(
      ([critical, normal, low, msPerEvent]) => ({
        critical: { ms: critical, msPerEvent },
        normal: { ms: critical + normal, msPerEvent },
        low: { ms: critical + normal + low, msPerEvent }
      })
    ),
    { nil: undefined }
  ),
  fairShares: fc.option(fc.record({
    pressure: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.constantFrom(0, 1_000)),
    above: fc.subarray([...ORGANIZATIONS])
  }), { nil: undefined }),
  preShed: fc.option(
    fc.record({ share: fc.double({ min: 0, max: 0.5, noNaN: true }), retryAfterMs: fc.nat(180_000) }), { nil: undefined }
  )
})

type Surroundings = typeof surroundings extends fc.Arbitrary<infer Value> ? Value : never

function loadOf (
  { depth, usedBytes, bodyShare, isProcessOverloaded }: Weight,
  { isDepthKnown, circuits, byteThresholds, shedding, kept, preShed, fairShares: above, waits }: Surroundings
): Load {
  const fairShares = above && fairSharesOf(above)
  const memory = { usedBytes, capacityBytes: undefined, thresholds: byteThresholds, restBytes: 0 }
  return loadAt(depth, {
    isDepthKnown, circuits, memory, shedding, kept, preShed, fairShares, waits
  }, isProcessOverloaded, bodyShare)
}

/** Shares that some organizations are above. */
function fairSharesOf (
  { pressure, above }: { readonly pressure: number, readonly above: readonly (string | undefined)[] }
): FairShares {
  const shares = {
    critical: 0, normal: Math.max(0, pressure / 1_000 - 1), low: Math.min(1, pressure / 1_000)
  }
  const over: OverShare = { shares, perSecond: 1, weight: 1 }
  return { above: above.length, over: (id) => above.includes(id) ? over : undefined }
}

const load = fc.tuple(weight, surroundings).map(([weight, surroundings]) => loadOf(weight, surroundings))
const waitMs = fc.oneof(fc.nat({ max: 1_000 }), fc.nat({ max: 100_000 }), fc.nat({ max: 100_000_000 }))

type Step =
  | {
    readonly kind: 'post',
    readonly posted: Posted,
    readonly load: Load,
    readonly outcome: PermitOutcome | 'in flight'
  }
  | { readonly kind: 'wait', readonly ms: number }
  /** Another replica stores events and tells of them. */
  | { readonly kind: 'observe', readonly elsewhere: readonly Posted[] }

/** Events that another replica has stored. */
const elsewhere = fc.array(posted, { maxLength: 6 })

const outcome = fc.constantFrom('stored', 'duplicate', 'lost')
const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('post' as const),
        posted,
        load,
        outcome: fc.constantFrom('stored', 'stored', 'duplicate', 'lost', 'in flight')
      })
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: waitMs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('observe' as const), elsewhere }) }
  ),
  { maxLength: 30 }
)

/** Policies of one build and one clock. */
class Trial {
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
      policy.admitted?.(offer)
      policy.settled?.(offer, 'stored')
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
  policy.admitted?.(offer)
  if (outcome !== 'in flight') policy.settled?.(offer, outcome)
}

/** Offers of every organization and class, unread and read. */
const PROBES: readonly Offer[] = ORGANIZATIONS.flatMap((organizationId) =>
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

function answersOf (policy: Policy, load: Load): unknown[] {
  return PROBES.map((probe) => policy.judge(probe, load))
}

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
  lawOf(
    'a charge that is refunded is none, however much later',
    [history, fc.array(fc.tuple(posted, outcome), { minLength: 1, maxLength: 6 }), fc.option(waitMs), history, load],
    (trial, steps, charges, wait, later, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy, twin], steps)
      // Both are charged for events that are stored; one is charged for the others too, and gets that back.
      const offers = charges.map(([posted, outcome]) => ({ offer: eventOf(posted), outcome }))
      const inFlight = offers.filter(({ outcome }) => outcome !== 'stored')
      for (const { offer, outcome } of offers) {
        policy.admitted?.(offer)
        if (outcome === 'stored') twin.admitted?.(offer)
      }
      for (const { offer, outcome } of offers) {
        if (outcome !== 'stored') continue
        policy.settled?.(offer, outcome)
        twin.settled?.(offer, outcome)
      }
      if (wait !== null) trial.live([policy, twin], [{ kind: 'wait', ms: wait }])
      for (const { offer, outcome } of inFlight) policy.settled?.(offer, outcome)
      if (!isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))) return false
      trial.live([policy, twin], later)
      return isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))
    }
  ),
  lawOf(
    'a reset forgets, and what was in flight by then is not refunded',
    [history, fc.array(fc.tuple(posted, outcome), { maxLength: 6 }), history, load],
    (trial, steps, charges, later, load) => {
      const [policy, twin] = [trial.policy(), trial.policy()]
      trial.live([policy], steps)
      const inFlight = charges.map(([posted, outcome]) => ({ offer: eventOf(posted), outcome }))
      for (const { offer } of inFlight) policy.admitted?.(offer)
      policy.reset?.()
      if (!isDeepStrictEqual(answersOf(policy, load), answersOf(twin, load))) return false
      trial.live([policy, twin], later)
      for (const { offer, outcome } of inFlight) policy.settled?.(offer, outcome)
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
    counterexample: keptBytesBeyondBound
  }
] as const satisfies readonly Law[]

export type Claim = (typeof LAWS)[number]['claim']

/** Asserts every law of the policies of these builds, as tests of their own. */
export function testConformance (t: Test, builds: ReadonlyMap<string, BuildPolicy>): void {
  for (const { claim, counterexample } of LAWS) {
    for (const [name, build] of builds) {
      void t.test(`${name}: ${claim}`, async (t) => { t.equal(counterexample(build), undefined) })
    }
  }
}

/**
 * Every organization of a million posts one event, from a producer and of a type of its own, and some are not stored.
 */
function keptBytesBeyondBound (build: BuildPolicy, organizations = MILLION): string | undefined {
  drawn = undefined
  const policy = new Trial(build).policy()
  const before = usedBytes()
  const half = organizations / 2
  const scale = organizations / MILLION
  postFromEach(policy, 0, half)
  const halfway = usedBytes() - before
  // It kept nothing of half of them, or too much already.
  const isDecided = halfway < LEAST_KEPT_BYTES * scale || halfway >= MOST_KEPT_BYTES * scale
  if (!isDecided) postFromEach(policy, half, organizations)
  const kept = isDecided ? halfway : usedBytes() - before
  // The policy has to be reachable until here, or its memory would be free.
  policy.judge(PROBES[0] as Offer, loadAt(0))
  if (kept < MOST_KEPT_BYTES * scale && kept - halfway < MOST_GROWTH_BYTES * scale) return undefined
  return `it keeps ${inMebibytes(halfway)} after half of them and ${inMebibytes(kept)} after all`
}

function postFromEach (policy: Policy, first: number, end: number): void {
  const calm = loadAt(0)
  for (let index = first; index < end; index++) {
    const offer = eventOf({
      priority: 1 + index % LOWEST_PRIORITY, organizationId: `organization-${index}`, type: `type-${index}`,
      producerId: `producer-${index}`, bytes: 100, expiresAt: undefined, draw: 0.5
    })
    if (policy.judge(offer, calm) !== undefined) continue
    policy.admitted?.(offer)
    policy.settled?.(offer, index % 3 === 0 ? 'lost' : 'stored')
    if (index % 100 === 0)
      policy.observe?.(new Map(Array.from({ length: 100 }, (_, other) => [`${index}-${other}`, 1])))
  }
}

const inMebibytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of the heap, and of buffers outside it, that are in use after a collection. */
function usedBytes (): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
