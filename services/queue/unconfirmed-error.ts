/** A batch of which it is not known whether the queue has it: it may have been stored, or may be stored later. */
export class UnconfirmedError extends Error {
  readonly code = 'unconfirmed'

  constructor (cause: unknown) {
    super(`not confirmed by Redis, which may have it or take it later: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
