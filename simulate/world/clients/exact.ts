import { MOST_OFFERS, type Client } from '../client.ts'

/** Comes back exactly when Retry-After says. */
const exact: Client = {
  comesBackAfterMs: (offers, retryAfterSeconds) => offers < MOST_OFFERS ? retryAfterSeconds * 1_000 : Infinity
}

export default exact
