import type { DeadLetterFilter } from './dead-letter.ts'

export const REPLAY_STATUSES = ['running', 'paused', 'done', 'cancelled'] as const

export type ReplayStatus = (typeof REPLAY_STATUSES)[number]

/** The dead letters to replay: these, or all that a filter lets pass. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter }

/** How far a replay is. Counts of dead letters. */
export interface Replay {
  readonly id: string
  readonly status: ReplayStatus
  /** Why it is paused. */
  readonly reason?: string
  /** There when it began. */
  readonly matched: number
  /** Moved into the queue. */
  readonly replayed: number
  /** Asked for and not replayed, since they were not there or not there any more; known at the end. */
  readonly skipped: number
  /** RFC 3339. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly finishedAt?: string
}

/** The working state of an unfinished replay, for the process that works on it. */
export interface ReplayWork {
  readonly id: string
  readonly selection: ReplaySelection
  /** Score of the dead letter that was looked at last, or how many of the ids were; undefined at the beginning. */
  readonly cursor: string | undefined
  /** Dead letters that died after this one are not part of it, so that one that dies again is not replayed without end. */
  readonly until: string
}

export function isOver ({ status }: Replay): boolean {
  return status === 'done' || status === 'cancelled'
}
