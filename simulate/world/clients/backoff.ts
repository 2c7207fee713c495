import { backoffMs, type Client } from '../client.ts'

/** Ignores Retry-After and waits twice as long each time, with full jitter. */
const backoff: Client = {
  comesBackAfterMs: (offers, _retryAfterSeconds, uniform) => backoffMs(offers, uniform)
}

export default backoff
