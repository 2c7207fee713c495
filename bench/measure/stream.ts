import type { LoadResult } from '../../rig/load/job.ts'
import type { Stage } from '../stage.ts'
import { eventTexts } from '../traffic/event.ts'
import { STREAM } from '../traffic/post.ts'

/**
 * Events of a stream for each second of the stage, so that it takes about that time; the stream that warms up is as
 * long as a loop that does.
 */
const EVENTS_PER_SECOND = 100_000

/** How long a stream is. */
export interface Stream {
  readonly events?: number
  readonly warmUpEvents?: number
  readonly drains?: boolean
}

/** One request with a line per event. */
export function stream (stage: Stage, shape: Stream = {}): Promise<LoadResult> {
  const { events = Math.round(stage.seconds * EVENTS_PER_SECOND), warmUpEvents = Math.round(stage.warmUpSeconds * EVENTS_PER_SECOND), drains = false } = shape
  return stage.load({ kind: 'stream', ...STREAM, lines: eventTexts(), events, warmUpEvents, drains })
}
