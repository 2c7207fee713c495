import { backoffMs, type Client } from '../client.ts'

const SPREAD = 0.25

/** Honours Retry-After and adds up to a quarter of it. */
const jitter: Client = {
  comesBackAfterMs: (offers, retryAfterSeconds, uniform) =>
    retryAfterSeconds === undefined ? backoffMs(offers, uniform) : retryAfterSeconds * 1_000 * (1 + SPREAD * uniform)
}

export default jitter
