/** Returns a valid time of RFC 3339 in milliseconds since 1970. A leap second counts as the second after it. */
export function epochMsOf (dateTime: string): number {
  const text = dateTime.toUpperCase()
  const plain = text.replace(LEAP_SECOND, ':59')
  return Date.parse(plain) + (plain === text ? 0 : 1_000)
}

const LEAP_SECOND = /:60(?=[.Z+-])/

/**
 * A call with less time left than this is not made: its receiver would read it after the deadline. From the moment in
 * which the body is sent, it takes the way of the body and the turn of an event loop.
 */
export const HAND_OVER_MS = 50

export function hasDeadline ({ expiresAt }: { readonly expiresAt?: string }): boolean {
  return expiresAt !== undefined
}

/**
 * Tells whether the deadline of an event has passed. The clock is read only for an event that has one.
 *
 * @param now milliseconds since 1970
 * @param marginMs of the time left that is already spoken for
 */
export function hasExpired ({ expiresAt }: { readonly expiresAt?: string }, now: () => number, marginMs = 0): boolean {
  return expiresAt !== undefined && epochMsOf(expiresAt) <= now() + marginMs
}
