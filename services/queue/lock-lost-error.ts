/**
 * A worker wanted to write what follows from a batch that is no longer its own: it stood still for longer than its lock
 * lasts.
 */
export class LockLostError extends Error {
  readonly code = 'LOCK_LOST'

  constructor (batchId: string) {
    super(`the lock of the batch ${batchId} is lost`)
  }
}
