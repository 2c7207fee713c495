/*
 * Chooses the events of a batch to send next, when the consumer refused a call that held several. Pure: no call is made
 * here.
 *
 *   refused 0-7 ──► halves 0-3, 4-7 ──► refused 4-7 ──► halves 4-5, 6-7 ──► … ──► refused 6: the culprit
 *
 * A refused group is halved until the culprits stand alone; groups are sent widest first, so both halves are heard
 * before either is halved again. A batch of n events takes at most 1 + 2·k·⌈log2 n⌉ calls, where k is MOST_CULPRITS.
 * Three things end the search early, and what was not sent by then is put back as it was, a batch for each group:
 *
 *   the whole and both its halves refused, nothing accepted    the consumer refuses, not an event
 *   MOST_REFUSED_IN_A_ROW after a success                      the consumer may have begun to refuse in the middle
 *   the most calls                                             many culprits: their groups come back smaller
 */

/** Events of a batch that travel in one call: from an index to before another. */
export interface Group {
  readonly from: number
  readonly to: number
}

/** An event that was refused alone. */
export interface Culprit {
  readonly index: number
  /** Whether the consumer accepted the call just before or a later one: it is the event, not the consumer. */
  readonly isProven: boolean
}

export interface Split {
  /** To be sent, in this order. */
  readonly open: readonly Group[]
  readonly culprits: readonly Culprit[]
  /** Neither accepted nor refused alone when the search ended. */
  readonly unsure: readonly Group[]
  readonly calls: number
  readonly mostCalls: number
  readonly hasAccepted: boolean
  readonly refusedInARow: number
}

/** So many culprits in one batch are found at once; of more the rest is found when it comes back. */
const MOST_CULPRITS = 4
const MOST_REFUSED_BEFORE_SUCCESS = 3
const MOST_REFUSED_IN_A_ROW = 6

/** The most calls for a batch of this many events that begins as this many groups. */
export function mostCallsOf (events: number, groups = 1): number {
  return groups + 2 * MOST_CULPRITS * Math.ceil(Math.log2(Math.max(1, events)))
}

/** A search that begins with these groups, in this order. */
export function startSplit (groups: readonly Group[]): Split {
  const events = groups.reduce((sum, { from, to }) => sum + to - from, 0)
  return {
    open: groups, culprits: [], unsure: [], calls: 0, mostCalls: mostCallsOf(events, groups.length), hasAccepted: false,
    refusedInARow: 0
  }
}

/** The search after its first open group was accepted or refused. */
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

/** The search when no further call is to be made. */
export function endSplit (split: Split): Split {
  return { ...split, open: [], unsure: [...split.unsure, ...split.open] }
}

/** Both halves of a group of at least two events. */
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
