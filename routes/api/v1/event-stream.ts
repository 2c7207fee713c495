import { TOO_MANY_KEY_STREAMS } from '../../../services/admission/stream-slots.ts'
import type { Problem } from '../../../services/problem/problem.ts'

/** Headers of a stream that is written directly to the response, so that all viewers share one text. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no'
}

export const STREAM_RETRY_AFTER = { 'retry-after': '5' }

/** The answer to a key that has too many streams open. */
export const TOO_MANY_STREAMS_OF_KEY: Problem = {
  status: 429,
  slug: TOO_MANY_KEY_STREAMS,
  reason: TOO_MANY_KEY_STREAMS,
  detail: 'The key has as many streams open as KEY_MAX_STREAMS allows; close some of them'
}

/** The answer if there is no room for another viewer. */
export const TOO_MANY_STREAMS: Problem = {
  status: 503,
  slug: 'too-many-streams',
  detail: 'Too many streams are open, or this process is stopping; close other streams, or try again later'
}
