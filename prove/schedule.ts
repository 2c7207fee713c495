import { integer, randomOf, shuffled } from '../rig/random.ts'

/** One fault, or two that overlap. */
export interface Injection {
  readonly faults: readonly string[]
  /** Quiet time since the previous recovery. */
  readonly gapMs: number
  /** How long each of the faults lasts. */
  readonly lastsMs: readonly number[]
  /** Delay of the second fault after the first. */
  readonly offsetMs: number
}

/** The facts about a fault that a schedule needs. */
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
/** Share of the faults that overlap with a second one, if one with another target is left. */
const OVERLAP_SHARE = 0.3

/** Yields injections without end, the same for the same seed. Each round has every fault once, in a new order. */
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
