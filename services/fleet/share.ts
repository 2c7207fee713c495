import type { FleetShare } from '../admission/policy.ts'
import type { Fleet } from './member.ts'

/** The reports of a process: those of its policies by policy name, and others by names of their own. */
export type Shares = Readonly<Record<string, FleetShare>>

/** Most bytes of the counts in a record; the other fields fit into the rest. */
const MOST_SHARE_BYTES = 3_072

/**
 * Returns the counts that fit into a record: the largest of each report, then the second largest of each, and so on.
 * Reports count different things, so a count of one says nothing beside that of another.
 */
export function boundedShares (shares: Shares): Shares {
  const counts = Object.entries(shares)
    .flatMap(([policy, share]) => Object.entries(share)
      .filter(([, count]) => Number.isFinite(count) && count > 0)
      .toSorted(([, one], [, other]) => other - one)
      .map(([name, count], place) => ({ policy, name, count, place })))
    .toSorted((one, other) => one.place - other.place)
  let bytes = 0
  const end = counts.findIndex((count) => (bytes += bytesOf(count)) > MOST_SHARE_BYTES)
  const kept = Object.groupBy(counts.slice(0, end === -1 ? undefined : end), ({ policy }) => policy)
  return Object.fromEntries(Object.entries(kept).map(([policy, own = []]) =>
    [policy, Object.fromEntries(own.map(({ name, count }) => [name, count]))]))
}

/** More than the bytes that a count adds to a record. */
function bytesOf ({ policy, name, count }: { policy: string, name: string, count: number }): number {
  return Buffer.byteLength(JSON.stringify([policy, name, count]))
}

/** Returns the reports of all processes but one: each process knows its own counts at any moment. */
export function sharesOfOthers ({ members }: Fleet, id: string): Shares[] {
  return members.filter((member) => member.id !== id).map(({ shares = {} }) => shares)
}
