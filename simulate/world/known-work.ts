import { LOOK_INTERVAL_MS } from '../../rig/autoscaler/replica-policy.ts'
import { ArrivalStream } from '../arrivals/arrival-stream.ts'
import type { Reading } from '../subject.ts'
import type { Scaler } from './autoscaler.ts'
import { Population } from './population.ts'
import type { World } from './world.ts'

/**
 * A bound for autoscalers: it knows all events and how long each takes, and its workers start at once. For each look
 * it has the fewest workers that do the work that arrives until the next one. The time that the last of them has left
 * counts against the next look, so next to none of their time is idle.
 */
export class KnownWork implements Scaler {
  readonly #workers: readonly number[]

  constructor (world: World, seed: number) {
    const lookMs = world.slots * LOOK_INTERVAL_MS
    let sparedMs = 0
    this.#workers = workOfLooks(world, seed).map((workMs) => {
      const count = Math.max(1, Math.ceil((workMs - sparedMs) / lookMs))
      sparedMs = Math.min(lookMs, Math.max(0, sparedMs + count * lookMs - workMs))
      return count
    })
  }

  /** Seconds of all workers together. */
  get workerSeconds (): number {
    return this.#workers.reduce((sum, count) => sum + count, 0) * LOOK_INTERVAL_MS / 1_000
  }

  observe ({ redisTimeMs }: Reading): number {
    return this.#workers[Math.floor(redisTimeMs / LOOK_INTERVAL_MS)] ?? this.#workers.at(-1) ?? 1
  }
}

/** Milliseconds of a slot that the events of each look take. */
function workOfLooks (world: World, seed: number): number[] {
  const population = new Population(world, seed)
  const stream = new ArrivalStream(world.arrivals, seed)
  const work: number[] = []
  for (let id = 0; stream.next();) {
    for (let index = 0; index < stream.count; index++, id++) {
      const look = Math.floor((stream.times[index] as number) / LOOK_INTERVAL_MS)
      while (work.length <= look) work.push(0)
      const organization = population.organizationOf(id, stream.labels?.[index])
      work[look]! += population.serviceOf(id, organization) * world.meanServiceMs
    }
  }
  return work
}
