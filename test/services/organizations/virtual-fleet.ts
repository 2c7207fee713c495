/*
 * Replicas on one virtual clock. Each reports and reads once a second, at a time of its own and with jitter, as long as
 * Redis is there; a balancer sends each event to one of them.
 */
import { eventOffer } from '../../../services/admission/offer.ts'
import quotaExceeded from '../../../services/admission/policies/quota-exceeded.ts'
import { ALL_ENFORCED, PolicyChain } from '../../../services/admission/policy-chain.ts'
import { createPolicies } from '../../../services/admission/policy.ts'
import { boundedShares, type Shares } from '../../../services/fleet/share.ts'
import type { QuotaSettings } from '../../../services/organizations/quota.ts'
import { loadAt } from '../admission/load.ts'

const RECORD_LIFE_MS = 5_000
const STEP_MS = 1
/** Until all replicas know each other. */
const WARM_UP_MS = 3_000
const CALM = loadAt(0)

export interface FleetRun {
  readonly replicas?: number
  readonly settings: QuotaSettings
  readonly seconds: number
  /** Organizations that offer as much as one another; one if absent. */
  readonly organizations?: number
  /** Offers of an organization per second at a time. */
  readonly offers: (second: number) => number
  /** The part of them that each replica gets at a time. */
  readonly weights: (second: number) => readonly number[]
  readonly isAway?: (second: number) => boolean
  readonly seed: number
}

/** Admitted events of all organizations by second and replica. */
export function runFleet ({
  replicas = 3, organizations = 1, settings, seconds, offers, weights, isAway = () => false, seed
}: FleetRun): number[][] {
  const random = randomOf(seed)
  let nowMs = -WARM_UP_MS
  const fleet = Array.from({ length: replicas }, () => {
    const modules = [{ name: 'quota-exceeded', value: quotaExceeded }]
    const chain = new PolicyChain(createPolicies(modules, () => nowMs, () => settings))
    const record: { at: number, shares: Shares } = { at: -Infinity, shares: {} }
    return { chain, record, nextAt: nowMs + random() * 1_000 }
  })
  const admitted = Array.from({ length: seconds }, () => fleet.map(() => 0))
  for (; nowMs < seconds * 1_000; nowMs += STEP_MS) {
    const second = nowMs / 1_000
    for (const replica of fleet) {
      if (nowMs < replica.nextAt) continue
      replica.nextAt = nowMs + 1_000 + random() * 100
      const shares = boundedShares(replica.chain.report())
      replica.chain.sent(shares)
      if (second >= 0 && isAway(second)) continue
      Object.assign(replica.record, { at: nowMs, shares })
      const others = fleet.filter(({ record }) => record !== replica.record && nowMs - record.at <= RECORD_LIFE_MS)
      replica.chain.observe(others.map(({ record }) => record.shares))
    }
    if (second < 0) continue
    for (let due = poisson(organizations * offers(second) * STEP_MS / 1_000, random); due > 0; due--) {
      const to = drawn(weights(second), random)
      const { chain } = fleet[to]!
      const organizationId = organizations === 1 ? 'acme' : `acme-${Math.floor(random() * organizations)}`
      const offer = eventOffer({ type: 'x', priority: 5, organizationId })
      if (chain.judge(offer, CALM, ALL_ENFORCED, false) !== undefined) continue
      chain.admitted(offer)?.settled('stored')
      admitted[Math.floor(second)]![to]!++
    }
  }
  return admitted
}

/** Mulberry32. */
function randomOf (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function poisson (mean: number, random: () => number): number {
  let events = -1
  for (let left = Math.exp(-mean), product = 1; product > left; events++) product *= random()
  return events
}

function drawn (weights: readonly number[], random: () => number): number {
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  const to = weights.findIndex((weight) => (left -= weight) < 0)
  return to === -1 ? weights.length - 1 : to
}
