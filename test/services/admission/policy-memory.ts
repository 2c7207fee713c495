import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Offer } from '../../../services/admission/offer.ts'
import type { Policy } from '../../../services/admission/policy.ts'
import { LOWEST_PRIORITY } from '../../../services/admission/priority-class.ts'
import { loadAt } from './load.ts'
import { eventOf } from './policy-history.ts'
import { charge, PROBES, Trial, type BuildPolicy } from './policy-trial.ts'

const MILLION = 1_000_000
/** The bounds are those for a million organizations; fewer have less. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024
/** Two bytes for each of half a million: chance, and no organization. */
const LEAST_KEPT_BYTES = 1024 * 1024
/** A policy that is full keeps no more for another half of a million, but for what the collector leaves lying about. */
const MOST_GROWTH_BYTES = 8 * 1024 * 1024

/**
 * Every organization of a million posts one event, from a producer and of a type of its own, and some are not stored.
 */
export function keptBytesBeyondBound (build: BuildPolicy, organizations = MILLION): string | undefined {
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
    charge(policy, offer).settled(index % 3 === 0 ? 'lost' : 'stored')
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
