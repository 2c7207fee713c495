/** Thrown for a batch whose data are not as they were written. */
export class DamagedBatchError extends Error {
  readonly code = 'batch-damaged'

  constructor (batchId: string) {
    super(`the checksum of batch ${batchId} is wrong`)
  }
}
