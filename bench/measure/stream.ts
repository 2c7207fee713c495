import type { LoadResult } from '../../rig/load/job.ts'
import type { Stage } from '../stage.ts'
import { eventTexts } from '../traffic/event.ts'
import { STREAM } from '../traffic/post.ts'

/**
 * Events of a stream for each second of the stage, so that the stream takes about that time. The same holds for the
 * warm-up.
 */
const EVENTS_PER_SECOND = 100_000

/** The length of a stream. */
export interface Stream {
  readonly events?: number
  readonly warmUpEvents?: number
  readonly drains?: boolean
}

/** Posts one request with a line per event. */
export function stream (stage: Stage, shape: Stream = {}): Promise<LoadResult> {
  const {
    events = Math.round(stage.seconds * EVENTS_PER_SECOND),
    warmUpEvents = Math.round(stage.warmUpSeconds * EVENTS_PER_SECOND),
    drains = false
  } = shape
  return stage.load({ kind: 'stream', ...STREAM, lines: eventTexts(), events, warmUpEvents, drains })
}
