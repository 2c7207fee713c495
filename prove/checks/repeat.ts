import type { EventAnswer } from '../load/answer.ts'

/** How an event is posted again: unchanged, with another payload, or at the same time as its first post. */
export const REPEATS = ['same', 'other-body', 'in-flight'] as const

export type Repeat = typeof REPEATS[number]

/**
 * Returns the fault in the answers to two posts of one event with an identity; undefined if both can be true. Other
 * processes do not know an event in the spool of one process, so such events are not judged.
 *
 * @param ownId the id from its producer
 */
export function repeatProblem (first: EventAnswer, again: EventAnswer, ownId: string | undefined): string | undefined {
  const isSpooled = [first, again].some(({ level, isLevelVague }) => level === 'spooled' || isLevelVague === true)
  const stored = [first, again].filter(({ status }) => status === 'accepted' || status === 'duplicate')
  const alien = ownId === undefined ? undefined : stored.find(({ id }) => id !== undefined && id !== ownId)
  if (alien !== undefined) return `answered the id ${alien.id} for ${ownId}`
  if (stored.length < 2 || isSpooled) return undefined
  if (stored.every(({ status }) => status === 'accepted')) {
    return `accepted twice, as ${first.id ?? '?'} and as ${again.id ?? '?'}`
  }
  if (first.id !== undefined && again.id !== undefined && first.id !== again.id) {
    return `told as ${first.id}, then as ${again.id}`
  }
  return undefined
}
