import { fromPattern } from '../../simulate/arrivals/from-pattern.ts'
import { durationOf } from '../../simulate/arrivals/arrivals.ts'
import { buildWorld } from '../../simulate/build-world.ts'
import type { Registries } from '../../simulate/registries.ts'
import { capacityOf } from '../../simulate/world/capacity.ts'
import type { World } from '../../simulate/world/world.ts'
import type { Pause } from './real.ts'
import { BUDGETS_MS, CAPACITY, MIX, SLOTS, THRESHOLDS, type Scenario } from './scenarios.ts'

const ORGANIZATIONS = 10

/** The world of a scenario: the service meets the same events, the same consumer and the same clients. */
export async function worldOf (
  { arrivals: pattern, perSecond, capacityChange, client }: Scenario, seconds: number, registries: Registries
): Promise<World> {
  const arrivals = fromPattern(pattern, perSecond, seconds)
  const world = await buildWorld({
    source: { pattern: 'constant', eventsPerSecond: perSecond, seconds },
    scale: 1,
    fromSeconds: 0,
    mostSeconds: Infinity,
    load: 1,
    capacityPerSecond: CAPACITY,
    slots: SLOTS,
    mostWorkers: 1,
    scaleOutLagMs: 0,
    capacityChange,
    flood: undefined,
    order: undefined,
    oscillationMs: 0,
    stalls: [],
    timeOuts: [],
    outages: [],
    mix: MIX,
    organizations: ORGANIZATIONS,
    serviceTimes: 'exponential',
    clients: [client],
    producers: 0,
    mostOffers: 5,
    hint: 'own',
    failures: 0,
    deadlines: [],
    budgetsMs: BUDGETS_MS,
    preset: undefined,
    sampleIntervalMs: undefined,
    critical: undefined
  }, registries)
  return {
    ...world,
    arrivals,
    capacity: capacityOf(world.capacityOptions, durationOf(arrivals)),
    settings: { ...world.settings, thresholds: THRESHOLDS }
  }
}

/** The same world on a machine that had no time for the workers now and then. */
export function withPauses (world: World, pauses: readonly Pause[]): World {
  const capacityOptions = { ...world.capacityOptions, stalls: pauses }
  return { ...world, capacityOptions, capacity: capacityOf(capacityOptions, durationOf(world.arrivals)) }
}
