/*
 * Offers, loads and histories of a policy, drawn at random.
 */
import fc from 'fast-check'
import { BODY_SHARE } from '../../../services/admission/body-share.ts'
import { CIRCUIT_STATES } from '../../../services/admission/circuit.ts'
import { BEST_DRAW, type Offer } from '../../../services/admission/offer.ts'
import type { PermitOutcome } from '../../../services/admission/policy.ts'
import { HIGHEST_PRIORITY, LOWEST_PRIORITY, priorityClass } from '../../../services/admission/priority-class.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'
import type { FairShares, Load, OverShare, Shedding } from '../../../services/admission/signals.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { loadAt, THRESHOLDS } from './load.ts'

/** When a history begins. */
export const STARTED_AT = 1_750_000_000_000

/** Few, so that a short history uses up what one of them may. */
export const ORGANIZATIONS = ['acme', 'globex', undefined]
const TYPES = ['telemetry', 'alarm']
const PRODUCERS = ['anonymous', 'gateway']

/** An event that a producer posts. */
export interface Posted {
  readonly priority: number
  readonly organizationId: string | undefined
  readonly type: string
  readonly producerId: string
  readonly bytes: number
  readonly expiresAt: number | undefined
  readonly draw: number
}

/** All priorities, the best one first. */
export const PRIORITIES = Array.from({ length: LOWEST_PRIORITY }, (_, index) => HIGHEST_PRIORITY + index)
/** A priority of each class. */
export const ONE_OF_EACH_CLASS = [1, 5, 9]

/** Any posted event. */
export const posted: fc.Arbitrary<Posted> = fc.record({
  priority: fc.constantFrom(...PRIORITIES),
  organizationId: fc.constantFrom(...ORGANIZATIONS),
  type: fc.constantFrom(...TYPES),
  producerId: fc.constantFrom(...PRODUCERS),
  bytes: fc.nat({ max: 10_000 }),
  expiresAt: fc.option(fc.integer({ min: STARTED_AT - 1_000, max: STARTED_AT + 100_000 }), { nil: undefined }),
  draw: fc.oneof(fc.nat({ max: 999 }).map((draw) => draw / 1_000), fc.constant(BEST_DRAW))
})

/** The event as an offer. */
export function eventOf ({ priority, organizationId, type, producerId, bytes, expiresAt, draw }: Posted): Offer {
  return {
    stage: 'event', isInternal: false, priority, priorityClass: priorityClass(priority),
    producer: { ...UNLIMITED, id: producerId },
    organizationId, type, bytes, expiresAt, draw
  }
}

/** The head of a request whose best event is this one. */
export function headOf (posted: Posted): Offer {
  return { ...eventOf(posted), stage: 'head', type: undefined, expiresAt: undefined, draw: BEST_DRAW }
}

/** The same unread and read. */
export function offersOf (posted: Posted): readonly Offer[] {
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

/** Any number up to beyond the thresholds, and every other time one of them or the number before or after it. */
const numberAround = (thresholds: Thresholds) => fc.oneof(
  fc.nat({ max: 1_500 }), fc.constantFrom(...Object.values(thresholds).flatMap((at: number) => [at - 1, at, at + 1]))
)

/** Any weight. */
export const weight: fc.Arbitrary<Weight> = fc.record({
  depth: numberAround(THRESHOLDS),
  usedBytes: numberAround(BYTES),
  bodyShare: fc.oneof(fc.double({ min: 0, max: 1.5, noNaN: true }), fc.constantFrom(0, ...Object.values(BODY_SHARE))),
  isProcessOverloaded: fc.boolean()
})

/** As many weights of the same numbers, each no lighter in anything than the one before. */
export function heavierAndHeavier (weights: readonly Weight[]): Weight[] {
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
export const surroundings = fc.record({
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

/** A load of this weight in these surroundings. */
export function loadOf (
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
  return { above: above.length, level: 1, over: (id) => above.includes(id) ? over : undefined }
}

/** Any load. */
export const load = fc.tuple(weight, surroundings).map(([weight, surroundings]) => loadOf(weight, surroundings))
/** A wait, a long one now and then. */
export const waitMs = fc.oneof(fc.nat({ max: 1_000 }), fc.nat({ max: 100_000 }), fc.nat({ max: 100_000_000 }))

/** A step of a history. */
export type Step =
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
export const elsewhere = fc.array(posted, { maxLength: 6 })

/** The end of an event that was admitted. */
export const outcome = fc.constantFrom('stored', 'duplicate', 'lost')
/** Any history of a policy. */
export const history: fc.Arbitrary<Step[]> = fc.array(
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
