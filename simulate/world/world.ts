import type { PolicyModule } from '../../services/admission/policy.ts'
import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import type { BackpressureSettings } from '../../services/settings/parts/backpressure.ts'
import { durationOf, partOf, type Arrivals } from '../arrivals/arrivals.ts'
import type { ByClass } from '../classes.ts'
import { capacityOf, type Capacity, type CapacityOptions } from './capacity.ts'
import type { Client } from './client.ts'
import type { Deadlines, ServiceTimes } from './population.ts'

/** All that a run depends on besides its subject and its seed. */
export interface World {
  readonly arrivals: Arrivals
  readonly mix: ByClass
  readonly organizations: number
  readonly serviceTimes: ServiceTimes
  /** Events that one worker has in work at once. A run begins with one. */
  readonly slots: number
  readonly mostWorkers: number
  /** Milliseconds until a worker that was asked for begins to work. */
  readonly scaleOutLagMs: number
  readonly drainTargetMs: number
  readonly meanServiceMs: number
  readonly capacity: Capacity
  /** The change of the capacity and the stalls, for a world of its own out of a part of this one. */
  readonly capacityOptions: CapacityOptions
  readonly failures: number
  readonly deadlines: readonly Deadlines[]
  readonly attempts: number
  /** Producers; each event belongs to one of them. */
  readonly clients: readonly Client[]
  readonly budgetsMs: ByClass
  readonly settings: BackpressureSettings
  readonly policies: readonly RegistryEntry<PolicyModule>[]
  readonly sampleIntervalMs: number
}

/**
 * The part of a world between two shares of its duration. The capacity changes within each part as it does within the
 * whole, so that what is tuned and what is judged meet the change; stalls stay where they are.
 */
export function partOfWorld (world: World, from: number, to: number): World {
  const arrivals = partOf(world.arrivals, from, to)
  const fromMs = durationOf(world.arrivals) * from
  const { change, stalls } = world.capacityOptions
  const moved = stalls.map(({ atMs, forMs }) => ({ atMs: atMs - fromMs, forMs }))
  return { ...world, arrivals, capacity: capacityOf({ change, stalls: moved }, durationOf(arrivals)) }
}
