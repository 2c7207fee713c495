import type { Problem } from '../../../services/problem/problem.ts'

/** Headers of a stream that is written directly to the response, so that all viewers share one text. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no'
}

export const STREAM_RETRY_AFTER = { 'retry-after': '5' }

/** The answer if there is no room for another viewer. */
export const TOO_MANY_STREAMS: Problem = {
  status: 503,
  slug: 'too-many-streams',
  detail: 'Too many streams are open, or this process is stopping; close other streams, or try again later'
}
