/**
 * Thrown if a worker wants to write the results of a batch after losing its lock: it stood still for longer than the
 * lock lasts.
 */
export class LockLostError extends Error {
  readonly code = 'LOCK_LOST'

  constructor (batchId: string) {
    super(`the lock of the batch ${batchId} is lost`)
  }
}
