/** The headers of draft-ietf-httpapi-ratelimit-headers-11 as texts. */

/** Returns the item of RateLimit-Policy for a burst and the time in which it comes back. */
export function policyItem (name: string, burst: number, burstMs: number): string {
  return `"${name}";q=${Math.floor(burst)};w=${Math.max(1, Math.ceil(burstMs / 1_000))}`
}

/** Returns the item of RateLimit: what is left, and the seconds over which to spread it. */
export function limitItem (item: string, left: number, seconds: number): string {
  return `${item};r=${left};t=${seconds}`
}

/** The whole numbers from which `stepped` goes down in steps. */
const LEAST_STEPS = 32

/**
 * Rounds down to steps of at most a sixteenth, so that the text of a header changes a few times in a burst and not with
 * each event. Small numbers stay exact.
 */
export function stepped (left: number): number {
  const whole = Math.max(0, Math.floor(left))
  if (whole < LEAST_STEPS) return whole
  const step = 2 ** (Math.floor(Math.log2(whole)) - 4)
  return whole - whole % step
}
