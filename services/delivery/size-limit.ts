/*
 * The size limit of the consumer's calls, learned from its 413. Pure. A single event that is too large teaches nothing
 * about groups; a group that was refused without such an event was too large as a whole.
 */
import type { Group } from './split.ts'

/** Factor by which the limit grows with each accepted call near it. */
const GROWTH = 1.02

/** A limit that has grown to this multiple of the refused size is forgotten: the consumer has changed. */
const FORGOTTEN_AT = 2

/** A call of a batch with its answer. */
export interface SizedCall {
  readonly group: Group
  readonly bytes: number
  readonly answer: 'accepted' | 'too-large' | 'refused'
}

export interface SizeLimit {
  readonly bytes: number
  /** The refused size. */
  readonly refusedBytes: number
}

/** The limit after the calls of a batch; undefined if none is known. */
export function learnSize (limit: SizeLimit | undefined, calls: readonly SizedCall[]): SizeLimit | undefined {
  const refused = calls.filter(({ answer, group }) => answer === 'too-large' && group.to - group.from > 1)
  const culprits = calls.filter(({ answer, group }) => answer === 'too-large' && group.to - group.from === 1)
  const unexplained = refused.filter(
    ({ group }) => !culprits.some((culprit) => culprit.group.from >= group.from && culprit.group.from < group.to)
  )
  const accepted = Math.max(0, ...calls.filter(({ answer }) => answer === 'accepted').map(({ bytes }) => bytes))
  if (unexplained.length > 0) {
    const refusedBytes = Math.min(...unexplained.map(({ bytes }) => bytes))
    return { bytes: Math.max(accepted, Math.floor(refusedBytes / 2)), refusedBytes }
  }
  if (limit === undefined || accepted < limit.bytes / 2) return limit
  const bytes = Math.ceil(limit.bytes * GROWTH)
  return bytes >= limit.refusedBytes * FORGOTTEN_AT ? undefined : { ...limit, bytes }
}

/** Groups events in order, none above the limit, except for single events that exceed it. */
export function groupsWithin (limit: SizeLimit | undefined, sizes: readonly number[], from: number): Group[] {
  if (limit === undefined) return from < sizes.length ? [{ from, to: sizes.length }] : []
  const groups: Group[] = []
  let start = from
  let bytes = 0
  for (let index = from; index < sizes.length; index++) {
    bytes += sizes[index] as number
    if (bytes > limit.bytes && index > start) {
      groups.push({ from: start, to: index })
      start = index
      bytes = sizes[index] as number
    }
  }
  if (start < sizes.length) groups.push({ from: start, to: sizes.length })
  return groups
}
