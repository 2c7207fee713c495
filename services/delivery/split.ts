/*
 * Chooses the next events of a batch to send after the consumer refused a call with several. Pure: makes no calls.
 *
 *   refused 0-7 ──► halves 0-3, 4-7 ──► refused 4-7 ──► halves 4-5, 6-7 ──► … ──► refused 6: the culprit
 *
 * A refused group is halved until the culprits are single; the largest groups are sent first, so both halves have an
 * answer before either is halved again. A batch of n events takes at most 1 + 2·k·⌈log2 n⌉ calls, where k is
 * MOST_CULPRITS. Three conditions end the search early; each group without an answer is then put back as a batch:
 *
 *   the whole and both its halves refused, nothing accepted    the consumer refuses, not an event
 *   MOST_REFUSED_IN_A_ROW after a success                      the consumer may have begun to refuse in the middle
 *   the most calls                                             many culprits: their groups come back smaller
 */

/** Events of a batch that one call sends: from one index up to, but not including, another. */
export interface Group {
  readonly from: number
  readonly to: number
}

/** An event that was refused alone. */
export interface Culprit {
  readonly index: number
  /** Whether the consumer accepted the call before it or a later one, which proves the fault of the event. */
  readonly isProven: boolean
}

export interface Split {
  /** The groups to send, in this order. */
  readonly open: readonly Group[]
  readonly culprits: readonly Culprit[]
  /** Groups that were neither accepted nor refused alone when the search ended. */
  readonly unsure: readonly Group[]
  readonly calls: number
  readonly mostCalls: number
  readonly hasAccepted: boolean
  readonly refusedInARow: number
}

/** Most culprits that one search isolates; any others are isolated when their groups return. */
const MOST_CULPRITS = 4
const MOST_REFUSED_BEFORE_SUCCESS = 3
const MOST_REFUSED_IN_A_ROW = 6

/** The most calls for a batch of this many events that starts as this many groups. */
export function mostCallsOf (events: number, groups = 1): number {
  return groups + 2 * MOST_CULPRITS * Math.ceil(Math.log2(Math.max(1, events)))
}

/** Returns a search that starts with these groups, in this order. */
export function startSplit (groups: readonly Group[]): Split {
  const events = groups.reduce((sum, { from, to }) => sum + to - from, 0)
  return {
    open: groups, culprits: [], unsure: [], calls: 0, mostCalls: mostCallsOf(events, groups.length), hasAccepted: false,
    refusedInARow: 0
  }
}

/** Returns the search after its first open group was accepted or refused. */
export function afterCall (split: Split, isAccepted: boolean): Split {
  const [group, ...open] = split.open as [Group, ...Group[]]
  const calls = split.calls + 1
  if (isAccepted) {
    const culprits = split.culprits.map(({ index }) => ({ index, isProven: true }))
    return stopped({ ...split, open, culprits, calls, hasAccepted: true, refusedInARow: 0 })
  }
  const next = { ...split, calls, refusedInARow: split.refusedInARow + 1 }
  if (group.to - group.from > 1) return stopped({ ...next, open: [...open, ...halvesOf(group)] })
  const culprit = { index: group.from, isProven: split.hasAccepted && split.refusedInARow === 0 }
  return stopped({ ...next, open, culprits: [...split.culprits, culprit] })
}

/** Returns the search without its first open group, of which nothing is left to send. */
export function skipGroup (split: Split): Split {
  return { ...split, open: split.open.slice(1) }
}

/** Returns the search after its last call. */
export function endSplit (split: Split): Split {
  return { ...split, open: [], unsure: [...split.unsure, ...split.open] }
}

/** Returns both halves of a group of at least two events. */
export function halvesOf ({ from, to }: Group): [Group, Group] {
  const middle = (from + to) >> 1
  return [{ from, to: middle }, { from: middle, to }]
}

function stopped (split: Split): Split {
  const { calls, mostCalls, hasAccepted, refusedInARow } = split
  const isOver =
    calls >= mostCalls || refusedInARow >= (hasAccepted ? MOST_REFUSED_IN_A_ROW : MOST_REFUSED_BEFORE_SUCCESS)
  return isOver ? endSplit(split) : split
}
