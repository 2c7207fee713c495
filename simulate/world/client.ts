/** The default export of each file of clients/: a producer after a refusal. */
export interface Client {
  /**
   * Milliseconds until it offers the event again; infinite when it gives up.
   *
   * @param offers of the event so far
   * @param retryAfterSeconds as the refusal says; undefined if it says nothing
   * @param uniform in (0, 1)
   */
  readonly comesBackAfterMs: (offers: number, retryAfterSeconds: number | undefined, uniform: number) => number
}

export const CLIENT_SHAPE = 'a Client: { comesBackAfterMs }'

const FIRST_MS = 500
const MOST_MS = 60_000

/** The wait of a client that has no hint, or ignores it: twice as long each time, with full jitter. */
export function backoffMs (offers: number, uniform: number): number {
  return uniform * Math.min(MOST_MS, FIRST_MS * 2 ** offers)
}

export function isClient (candidate: unknown): candidate is Client {
  return typeof (candidate as Partial<Client> | undefined)?.comesBackAfterMs === 'function'
}
