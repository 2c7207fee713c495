import { integer, randomOf, shuffled } from './random.ts'

/** One fault that is to come. */
export interface Injection {
  readonly fault: string
  /** Quiet time before it, from the recovery of the one before. */
  readonly gapMs: number
  readonly lastsMs: number
}

/** What a schedule has to know of a fault. */
export interface Schedulable {
  readonly name: string
  /** The shortest and the longest time that it lasts, milliseconds. */
  readonly lastsMs: readonly [shortest: number, longest: number]
}

const SHORTEST_GAP_MS = 200
const LONGEST_GAP_MS = 1_500

/** Injections without an end, the same for the same seed. Each fault comes once per round, and each round has an order of its own. */
export function* schedule (faults: readonly Schedulable[], seed: number): Generator<Injection, undefined> {
  const random = randomOf(seed, 'schedule')
  while (faults.length > 0) {
    for (const { name, lastsMs } of shuffled(random, faults)) {
      yield { fault: name, gapMs: integer(random, SHORTEST_GAP_MS, LONGEST_GAP_MS), lastsMs: integer(random, ...lastsMs) }
    }
  }
}
