import { sum } from './sum.ts'

/** Batches that all these workers together can have in work at once. */
export function workerCapacity (workers: readonly { readonly concurrency: number }[]): number {
  return sum(workers.map(({ concurrency }) => concurrency))
}
