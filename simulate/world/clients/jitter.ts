import { MOST_OFFERS, type Client } from '../client.ts'

const SPREAD = 0.25

/** Honours Retry-After and adds up to a quarter of it. */
const jitter: Client = {
  comesBackAfterMs: (offers, retryAfterSeconds, uniform) =>
    offers < MOST_OFFERS ? retryAfterSeconds * 1_000 * (1 + SPREAD * uniform) : Infinity
}

export default jitter
