import { MOST_OFFERS, type Client } from '../client.ts'

const FIRST_MS = 500
const MOST_MS = 60_000

/** Ignores Retry-After and waits twice as long each time, with full jitter. */
const backoff: Client = {
  comesBackAfterMs: (offers, _retryAfterSeconds, uniform) =>
    offers < MOST_OFFERS ? uniform * Math.min(MOST_MS, FIRST_MS * 2 ** offers) : Infinity
}

export default backoff
