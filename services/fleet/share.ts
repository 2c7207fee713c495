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
  const policies = new Set<string>()
  let bytes = 0
  const end = counts.findIndex(({ policy, name, count }) => {
    // The member of a policy has braces, a colon and a comma, and so does each count but for the braces.
    if (!policies.has(policy)) bytes += bytesOf(policy) + 4
    policies.add(policy)
    return (bytes += bytesOf(name) + String(count).length + 2) > MOST_SHARE_BYTES
  })
  const kept = Object.groupBy(counts.slice(0, end === -1 ? undefined : end), ({ policy }) => policy)
  return Object.fromEntries(Object.entries(kept).map(([policy, own = []]) =>
    [policy, Object.fromEntries(own.map(({ name, count }) => [name, count]))]))
}

function bytesOf (name: string): number {
  return Buffer.byteLength(JSON.stringify(name))
}

/** Returns the reports of all processes but one: each process knows its own counts at any moment. */
export function sharesOfOthers ({ members }: Fleet, id: string): Shares[] {
  return members.filter((member) => member.id !== id).map(({ shares = {} }) => shares)
}

/** The same for the processes that accept events. A process without counts has an empty report. */
export function sharesOfOtherReplicas ({ members, skipped }: Fleet, id: string): Shares[] {
  return sharesOfOthers({ members: members.filter(({ role }) => role !== 'worker'), skipped }, id)
}
