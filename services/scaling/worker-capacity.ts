import { sum } from '../admission/sum.ts'

/** Returns the number of batches that these workers can process at once; held workers do not count. */
export function workerCapacity (workers: readonly { concurrency: number, holds: readonly unknown[] }[]): number {
  return sum(workers.map(({ concurrency, holds }) => holds.length > 0 ? 0 : concurrency))
}
