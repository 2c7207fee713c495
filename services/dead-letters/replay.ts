import { Type, type Static } from '@sinclair/typebox'
import { oneOf } from '../schema/one-of.ts'
import type { DeadLetterFilter } from './dead-letter.ts'

/** The dead letters to replay: these, or all that match a filter. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter }

export const ReplaySchema = Type.Object({
  id: Type.String(),
  status: oneOf(['running', 'paused', 'done', 'cancelled']),
  reason: Type.Optional(Type.String({
    description:
      'Why the replay pauses: warning-threshold, no-spare-capacity, no-workers, workers-held, workers-paused, ' +
      'process-busy, or the reason why low priorities are shed'
  })),
  matched: Type.Integer({ description: 'Dead letters that matched when the replay began' }),
  replayed: Type.Integer({ description: 'Dead letters that are back in the queue' }),
  skipped: Type.Integer({ description: 'Dead letters that no longer exist; known at the end' }),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  finishedAt: Type.Optional(Type.String({ format: 'date-time' }))
})

/** The progress of a replay. */
export type Replay = Readonly<Static<typeof ReplaySchema>>

/** The working state of an unfinished replay, for the process that works on it. */
export interface ReplayWork {
  readonly id: string
  readonly selection: ReplaySelection
  /** Score of the last dead letter that was visited, or the number of visited ids; undefined at the beginning. */
  readonly cursor: string | undefined
  /**
   * The score of the last dead letter that belongs to the replay, so one that dies again is not replayed without end.
   */
  readonly until: string
}

export function isOver ({ status }: Replay): boolean {
  return status === 'done' || status === 'cancelled'
}
