import { backoffMs, type Client } from '../client.ts'

/** Comes back exactly when Retry-After says. */
const exact: Client = {
  comesBackAfterMs: (offers, retryAfterSeconds, uniform) =>
    retryAfterSeconds === undefined ? backoffMs(offers, uniform) : retryAfterSeconds * 1_000
}

export default exact
