import type { Problem } from '../../../services/problem/problem.ts'

/** Headers of a stream that is written to the response: one text serves all who follow it. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no'
}

export const STREAM_RETRY_AFTER = { 'retry-after': '5' }

/** The answer when there is no place for one more viewer. */
export const TOO_MANY_STREAMS: Problem = {
  status: 503, slug: 'too-many-streams', detail: 'Too many streams are open, or this process is about to stop; try again later, or close others'
}
