import { sum } from '../admission/sum.ts'

/** Batches that all these workers together can have in work at once. One that is held takes none, whatever it could. */
export function workerCapacity (workers: readonly { concurrency: number, holds: readonly unknown[] }[]): number {
  return sum(workers.map(({ concurrency, holds }) => holds.length > 0 ? 0 : concurrency))
}
