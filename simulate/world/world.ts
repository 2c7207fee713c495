import type { PolicyModule } from '../../services/admission/policy.ts'
import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import type { BackpressureSettings } from '../../services/settings/parts/backpressure.ts'
import type { Config } from '../../services/config/schema.ts'
import type { Settings, SettingsModel } from '../../services/settings/settings.ts'
import { durationOf, partOf, type Arrivals } from '../arrivals/arrivals.ts'
import type { Flood } from '../arrivals/flood.ts'
import type { ByClass } from '../classes.ts'
import { capacityOf, laterBy, movedBy, type Capacity, type CapacityOptions } from './capacity.ts'
import type { MeasuredCapacity } from '../recording/measured-capacity.ts'
import type { Recording } from '../recording/read-recording.ts'
import type { Client } from './client.ts'
import type { Hint } from './hint.ts'
import type { Order } from './line.ts'
import type { Deadlines, ServiceTimes } from './population.ts'
import type { Span } from './span.ts'

/** All that a run depends on besides its subject and its seed. */
export interface World {
  readonly arrivals: Arrivals
  readonly mix: ByClass
  readonly organizations: number
  readonly serviceTimes: ServiceTimes
  readonly flood: Flood | undefined
  /** The order in which workers take the events of a class; undefined takes that of the settings. */
  readonly order: Order | undefined
  /** Events that one worker has in work at once. A run begins with one. */
  readonly slots: number
  readonly mostWorkers: number
  /** Milliseconds until a worker that was asked for begins to work. */
  readonly scaleOutLagMs: number
  readonly drainTargetMs: number
  readonly scaleInAfterMs: number
  readonly meanServiceMs: number
  readonly capacity: Capacity
  /** The change of the capacity and the stalls, for a world of its own out of a part of this one. */
  readonly capacityOptions: CapacityOptions
  readonly failures: number
  readonly deadlines: readonly Deadlines[]
  readonly attempts: number
  /** Each call of the consumer that begins in one of these takes `timeOutMs` and fails. */
  readonly timeOuts: readonly Span[]
  readonly timeOutMs: number
  /** The queue is away: nothing can be stored, read or worked on. */
  readonly outages: readonly Span[]
  /** Ways of producers after a refusal; each event or producer has one of them. */
  readonly clients: readonly Client[]
  /** Producers that hold their later events back while they wait; 0 if each event comes back on its own. */
  readonly producers: number
  /** A producer gives an event up after so many offers. */
  readonly mostOffers: number
  readonly hint: Hint
  readonly budgetsMs: ByClass
  /** Whether the command line gives the budgets, and not the settings. */
  readonly areBudgetsGiven: boolean
  readonly settings: BackpressureSettings
  readonly settingsParts: Settings
  readonly policies: readonly RegistryEntry<PolicyModule>[]
  readonly sampleIntervalMs: number
  /** A run ends so long after the last arrival, if the queue is not empty before. */
  readonly mostDrainMs: number
  /** The configuration in force, and the settings that it allows. */
  readonly configuration: Config
  readonly settingsModel: SettingsModel
  /** The recording that the arrivals come from. */
  readonly recording?: Recording
  readonly measuredCapacity?: MeasuredCapacity
}

/**
 * The part of a world between two shares of its duration. The capacity changes within each part as it does within the
 * whole, so that what is tuned and what is judged meet the change; stalls stay where they are.
 */
export function partOfWorld (world: World, from: number, to: number): World {
  const arrivals = partOf(world.arrivals, from, to)
  const fromMs = durationOf(world.arrivals) * from
  const { capacityOptions, timeOuts, outages } = world
  const options = laterBy(fromMs, capacityOptions)
  return {
    ...world,
    arrivals,
    capacityOptions: options,
    capacity: capacityOf(options, durationOf(arrivals)),
    timeOuts: timeOuts.map(movedBy(fromMs)),
    outages: outages.map(movedBy(fromMs))
  }
}
