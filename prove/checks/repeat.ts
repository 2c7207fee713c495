import type { EventAnswer } from '../load/answer.ts'

/** How an event is posted once more: as it was, with another payload, or beside the first post of it. */
export const REPEATS = ['same', 'other-body', 'in-flight'] as const

export type Repeat = typeof REPEATS[number]

/**
 * Finds the fault in the answers to two posts of one event that is distinguishable from others; undefined when both can
 * be true. An event that waits in the spool of one process is not known to the others, so of such nothing is concluded.
 *
 * @param ownId the id that its producer gave it
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
