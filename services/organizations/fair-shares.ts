/*
 * Decides what each organization above its fair share has to give up while the queue fills up. Water-filling shares the
 * capacity; organizations whose work is below their shares lose nothing, whatever the depth is:
 *
 *   depth     0 ──── from ──────── to ───────────────►      to: the depth from which streams are paced
 *   excess    0      0 ▁▂▃▄▅▆▇█    1 and the backlog        from: half of it
 *
 * Beyond `to` organizations above their shares also pay for the backlog, by which their shares shrink to nothing: it
 * shrinks although the work of the others is all admitted. If it does not, the capacity was estimated too high. So from
 * half of the critical threshold on, the level is set for less of it, and for half of it at the threshold. It is the
 * last resort: while the queue shrinks, or somebody above a share still has something to give up, nobody else pays.
 *
 * A burst is no excess: only an organization whose work over the last 20 s or so is above its share gives something up.
 * The last seconds say how much, which is nothing once it is below its share. The deeper the queue beyond half of the
 * critical threshold, the less a burst is excused, since others would lose by it.
 *
 * An organization gives up low events first, then normal ones, never critical ones. So a better class of it is never
 * refused where a worse one is admitted.
 */
import type { FairShares, OverShare, Shares } from '../admission/signals.ts'
import { pacedDepth, type Thresholds } from '../admission/thresholds.ts'
import { NOBODY, type Work } from './usage.ts'
import { sharedOut, waterLevel, type Column } from './water-filling.ts'

const FROM_SHARE = 0.5
/** The capacity is known to some percent: an organization that may be below its share counts as such. */
const LENIENCY = 1.1
/** Work below this share of the capacity leaves room for a backlog to shrink. */
const ROOMY = 0.9
/** Share of the critical threshold from which capacity is kept back, and the share of it that is at the threshold. */
const DANGER_SHARE = 0.5
const MOST_KEPT_BACK = 0.5
/** The backlog beyond `to` is to be gone after this time. */
const DRAIN_SECONDS = 10

/** The state of the queue that shares follow from. */
export interface Pressure {
  readonly depth: number
  readonly thresholds: Thresholds
  /** Events that workers finish in a second. */
  readonly capacityPerSecond: number
  readonly isShrinking: boolean
}

export interface Use {
  /** Work offered to the whole fleet. */
  readonly work: Work
  /** Above 0. */
  readonly weightOf: (organizationId: string) => number
  /** The classes of the work of an organization, or of those without a name; undefined if none came to this replica. */
  readonly mixOf: (organizationId: string | undefined) => Shares | undefined
  /** The rate of its work over half a minute, by that of the last seconds. */
  readonly steadinessOf: (organizationId: string | undefined) => number
}

const NORMAL: Shares = Object.freeze({ critical: 0, normal: 1, low: 0 })
const NOTHING: Shares = Object.freeze({ critical: 0, normal: 0, low: 0 })

/** The depth from which organizations above their shares give something up. */
export function fairDepth (thresholds: Thresholds): number {
  return FROM_SHARE * pacedDepth(thresholds)
}

/**
 * Returns what organizations above their shares give up. Undefined while only one is known, and while nobody is above
 * a share and all together offer too much: then nobody is to be spared. The organizations that are not known by name
 * count as one with the weight of all that are: each of them has less work than any of these.
 */
export function fairShares (
  { work: { byOrganization, rest }, weightOf, mixOf, steadinessOf }: Use,
  { depth, thresholds, capacityPerSecond, isShrinking }: Pressure
): FairShares | undefined {
  if (byOrganization.size < 2) return undefined
  const columns = columnsOf(byOrganization, rest, weightOf)
  const from = fairDepth(thresholds)
  const to = pacedDepth(thresholds)
  const ramp = Math.min(1, Math.max(0, (depth - from) / (to - from)))
  const danger = Math.min(1, Math.max(0, depth / thresholds.critical - DANGER_SHARE) / (1 - DANGER_SHARE))
  const shareOut = (capacity: number) => {
    const level = waterLevel(columns, capacity)
    const above = columns.filter((column) => sharedOut(column, level) > 0 &&
      column.demand * Math.max(danger, steadinessOf(column.id)) > column.weight * level)
    const shared = above.reduce((sum, { weight }) => sum + weight * level, 0)
    return { level, above, left: shared === 0 ? 0 : Math.max(0, 1 - Math.max(0, depth - to) / DRAIN_SECONDS / shared) }
  }
  const usual = shareOut(LENIENCY * capacityPerSecond)
  const isLess = !isShrinking && danger > 0 && (usual.left === 0 || danger === 1)
  const { level, above, left } = isLess
    ? shareOut(LENIENCY * capacityPerSecond * (1 - MOST_KEPT_BACK * danger))
    : usual
  const first = new Set<Column>(usual.above)
  const demand = columns.reduce((sum, column) => sum + column.demand, 0)
  if (above.length === 0 && demand > ROOMY * capacityPerSecond) return undefined
  const leftOf = (column: Column) => first.has(column) ? usual.left : left
  const over = new Map(above.map((column): [string | undefined, OverShare] => [column.id, {
    shares: worstFirst(ramp * sharedOut(column, level * leftOf(column)), mixOf(column.id) ?? NORMAL),
    perSecond: column.weight * level,
    weight: column.weight
  }]))
  const othersOver = over.get(undefined)
  return {
    above: over.size,
    level,
    over: (organizationId = NOBODY) =>
      over.get(organizationId) ?? (byOrganization.has(organizationId) ? undefined : othersOver)
  }
}

/** Returns a column for each organization, and one without an id for all others. */
function columnsOf (
  byOrganization: Work['byOrganization'], rest: number, weightOf: Use['weightOf']
): (Column & { readonly id: string | undefined })[] {
  const columns = [...byOrganization].map(([id, demand]) => ({ id, demand, weight: weightOf(id) }))
  const weight = columns.reduce((sum, column) => sum + column.weight, 0)
  return [...columns, { id: undefined, demand: rest, weight }]
}

/** Takes a share of the work of an organization from its worst classes. */
function worstFirst (share: number, { normal, low }: Shares): Shares {
  if (share === 0) return NOTHING
  return {
    critical: 0,
    normal: share <= low ? 0 : Math.min(1, (share - low) / normal),
    low: share >= low ? 1 : share / low
  }
}
