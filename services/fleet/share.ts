import type { FleetShare } from '../admission/policy.ts'
import type { Fleet } from './member.ts'

/** The reports of the policies of a process, by policy name. */
export type Shares = Readonly<Record<string, FleetShare>>

/** Most bytes of the counts in a record; the other fields fit into the rest. */
const MOST_SHARE_BYTES = 3_072

/** Returns the counts that fit into a record, the largest first. */
export function boundedShares (shares: Shares): Shares {
  const counts = Object.entries(shares)
    .flatMap(([policy, share]) => Object.entries(share).map(([name, count]) => ({ policy, name, count })))
    .filter(({ count }) => Number.isFinite(count) && count > 0)
    .toSorted((one, other) => other.count - one.count)
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

/**
 * Returns the reports of all processes that accept events but one: each process knows its own counts at any moment. A
 * process without counts has an empty report.
 */
export function sharesOfOthers ({ members }: Fleet, id: string): Shares[] {
  return members.filter((member) => member.id !== id && member.role !== 'worker').map(({ shares = {} }) => shares)
}
