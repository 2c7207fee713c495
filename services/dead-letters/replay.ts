import { Type, type Static } from '@sinclair/typebox'
import { oneOf } from '../schema/one-of.ts'
import type { DeadLetterFilter } from './dead-letter.ts'

/** The dead letters to replay: these, or all that a filter lets pass. */
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

/** How far a replay is. */
export type Replay = Readonly<Static<typeof ReplaySchema>>

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
