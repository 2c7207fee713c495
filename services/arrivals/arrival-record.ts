/*
 * A file of recorded arrivals is a sequence of records. Each is one line of JSON in a gzip member of its own, so that
 * every record can be read without the others, and a file that ends in the middle of one loses nothing but that one.
 * `zcat` prints a file.
 */
import { Type, type Static } from '@sinclair/typebox'
import { LOWEST_PRIORITY } from '../admission/priority-class.ts'

/** The time in which events are counted together. */
export const WINDOW_MS = 100

/** A longer record would tell of a clock that was set, or of a process that stood still. */
export const LONGEST_RECORD_MS = 60_000
/** The most samples of work in a record. */
export const MOST_WORK = 64
/** The latest time that a date can express. */
const LATEST_MS = 8_640_000_000_000_000
/** More events than anybody offers in a window; a larger count is a fault of the file. */
const MOST_EVENTS = 1_000_000_000

const Count = Type.Integer({ minimum: 0, maximum: MOST_EVENTS })
const Time = Type.Integer({ minimum: 0, maximum: LATEST_MS })

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
  from: Time,
  to: Time,
  /** Names in the order of their places, the first of which is FIRST_NAME. */
  types: Type.Array(Type.String()),
  organizations: Type.Array(Type.String()),
  /** Priority, place of the type and place of the organization of each kind of event. */
  kinds: Type.Array(Type.Tuple([Type.Integer({ minimum: 1, maximum: LOWEST_PRIORITY }), Count, Count])),
  /** Windows since `from` with events; then kind, events offered and events refused, for each kind in the window. */
  windows: Type.Array(Type.Array(Count, { minItems: 4 })),
  /** Events refused, by reason. */
  refusedBy: Type.Record(Type.String(), Count),
  work: Type.Array(WorkSchema, { maxItems: MOST_WORK }),
  /** The settings in force at the end, as GET /api/v1/settings shows them. */
  settings: Type.Object({ version: Count, settings: Type.Record(Type.String(), Type.Unknown()) }),
  /** The keys of the configuration that decide about load. */
  configuration: Type.Record(Type.String(), Type.String())
})

/** The counts of one process over about ten seconds. */
export type ArrivalRecord = Static<typeof RecordSchema>

/** The places of types and organizations in `kinds`: no name, all others, and the first name. */
export const [NO_NAME, OTHER_NAMES, FIRST_NAME] = [0, 1, 2] as const
