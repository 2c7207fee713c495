import { integer, randomOf, shuffled } from '../rig/random.ts'

/** Faults that are to come together; mostly one. */
export interface Injection {
  readonly faults: readonly string[]
  /** Quiet time before it, from the recovery of the one before. */
  readonly gapMs: number
  /** How long each of the faults lasts. */
  readonly lastsMs: readonly number[]
  /** How long after the first the second begins. */
  readonly offsetMs: number
}

/** The part of a fault that a schedule has to know. */
export interface Schedulable {
  readonly name: string
  /** The shortest and the longest time that it lasts, milliseconds. */
  readonly lastsMs: readonly [shortest: number, longest: number]
  readonly targets: readonly string[]
  readonly isAlone?: boolean
}

const SHORTEST_GAP_MS = 200
const LONGEST_GAP_MS = 1_500
const LONGEST_OFFSET_MS = 1_000
/** Share of the faults that get a second one beside them, where one is left that acts on something else. */
const OVERLAP_SHARE = 0.3

/** Injections without an end, the same for the same seed. Each fault comes once per round, and each round has an order of its own. */
export function* schedule (faults: readonly Schedulable[], seed: number): Generator<Injection, undefined> {
  const random = randomOf(seed, 'schedule')
  while (faults.length > 0) {
    const round = shuffled(random, faults)
    for (let first = round.shift(); first !== undefined; first = round.shift()) {
      const wants = random() < OVERLAP_SHARE
      const place = wants ? round.findIndex((other) => mayOverlap(first as Schedulable, other)) : -1
      const together = [first, ...(place === -1 ? [] : round.splice(place, 1))]
      yield {
        faults: together.map(({ name }) => name),
        gapMs: integer(random, SHORTEST_GAP_MS, LONGEST_GAP_MS),
        lastsMs: together.map(({ lastsMs }) => integer(random, ...lastsMs)),
        offsetMs: integer(random, 0, LONGEST_OFFSET_MS)
      }
    }
  }
}

function mayOverlap (a: Schedulable, b: Schedulable): boolean {
  return a.isAlone !== true && b.isAlone !== true && a.targets.every((target) => !b.targets.includes(target))
}
