/** The default export of each file of clients/: a producer after a refusal. */
export interface Client {
  /**
   * Milliseconds until it offers the event again; infinite when it gives up.
   *
   * @param offers of the event so far
   * @param retryAfterSeconds as the refusal says; infinite if it can never be admitted
   * @param uniform in (0, 1)
   */
  readonly comesBackAfterMs: (offers: number, retryAfterSeconds: number, uniform: number) => number
}

export const CLIENT_SHAPE = 'a Client: { comesBackAfterMs }'

/** A client that is patient gives up after so many offers. */
export const MOST_OFFERS = 5

export function isClient (candidate: unknown): candidate is Client {
  return typeof (candidate as Partial<Client> | undefined)?.comesBackAfterMs === 'function'
}
