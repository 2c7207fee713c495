/*
 * A file of recorded arrivals is a sequence of records. Each is one line of JSON in a gzip member of its own, so that
 * every record can be read without the others, and a file that ends in the middle of one loses nothing but that one.
 * `zcat` prints a file.
 */
import { Type, type Static } from '@sinclair/typebox'
import { LOWEST_PRIORITY } from '../admission/priority-class.ts'

/** The time in which events are counted together. */
export const WINDOW_MS = 100

const Count = Type.Integer({ minimum: 0 })

/** The figures of work in one reading, by the names that they have in a WorkSample. */
const WorkSchema = Type.Object({
  at: Type.Number(),
  arrived: Type.Number(),
  worked: Type.Number(),
  completed: Type.Number(),
  waiting: Type.Number(),
  inWork: Type.Number(),
  workers: Type.Number(),
  slots: Type.Number(),
  takenSlots: Type.Number(),
  isPaused: Type.Boolean(),
  isHeldUp: Type.Boolean()
})

export const RecordSchema = Type.Object({
  format: Type.Literal('spillway-arrivals-1'),
  /** Milliseconds since the epoch: the beginning of the first window, and the end of the last one. */
  from: Count,
  to: Count,
  /** Names in the order of their places, the first of which is FIRST_NAME. */
  types: Type.Array(Type.String()),
  organizations: Type.Array(Type.String()),
  /** Priority, place of the type and place of the organization of each kind of event. */
  kinds: Type.Array(Type.Tuple([Type.Integer({ minimum: 1, maximum: LOWEST_PRIORITY }), Count, Count])),
  /** Windows since `from` with events; then kind, events offered and events refused, for each kind in the window. */
  windows: Type.Array(Type.Array(Count, { minItems: 4 })),
  /** Events refused, by reason. */
  refusedBy: Type.Record(Type.String(), Count),
  work: Type.Array(WorkSchema),
  /** The settings in force at the end, as GET /api/v1/settings shows them. */
  settings: Type.Object({ version: Count, settings: Type.Record(Type.String(), Type.Unknown()) }),
  /** The keys of the configuration that decide about load. */
  configuration: Type.Record(Type.String(), Type.String())
})

/** The counts of one process over about ten seconds. */
export type ArrivalRecord = Static<typeof RecordSchema>

/** The places of types and organizations in `kinds`: no name, all others, and the first name. */
export const [NO_NAME, OTHER_NAMES, FIRST_NAME] = [0, 1, 2] as const
