import backpressure from '../../services/settings/parts/backpressure.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { buildWorld } from '../../simulate/build-world.ts'
import type { WorldOptions } from '../../simulate/options.ts'
import { loadRegistries } from '../../simulate/registries.ts'
import { runSubject, type Run } from '../../simulate/run-subject.ts'
import { initialValues } from '../../simulate/subject.ts'
import type { World } from '../../simulate/world/world.ts'

export const registries = await loadRegistries()

const OPTIONS: WorldOptions = {
  source: { pattern: 'constant', eventsPerSecond: 50, seconds: 60 },
  scale: 1,
  fromSeconds: 0,
  mostSeconds: Infinity,
  load: 0.8,
  capacityPerSecond: undefined,
  slots: 5,
  mostWorkers: 1,
  scaleOutLagMs: 0,
  capacityChange: 1,
  oscillationMs: 0,
  stalls: [],
  timeOuts: [],
  outages: [],
  mix: [0.1, 0.5, 0.4],
  organizations: 10,
  serviceTimes: 'exponential',
  flood: undefined,
  order: undefined,
  clients: ['jitter'],
  producers: 0,
  mostOffers: 5,
  hint: 'own',
  failures: 0,
  deadlines: [],
  budgetsMs: [1_000, 5_000, 20_000],
  preset: undefined,
  sampleIntervalMs: undefined,
  critical: undefined
}

/** A world that is over within milliseconds, with thresholds to match. */
export async function tinyWorld (changes: Partial<WorldOptions> = {}, critical = 100): Promise<World> {
  const world = await buildWorld({ ...OPTIONS, ...changes }, registries)
  const thresholds = { recovery: critical / 10, warning: critical / 5, critical, hardLimit: critical * 10 }
  return { ...world, settings: { ...backpressure.defaults(loadConfig({})), thresholds } }
}

/** Runs a subject of the simulator. A control that copies a rate copies that of production. */
export function run (world: World, name: string, seed = 1): Run {
  const module = registries.subjects.get(name)!
  const reference = module.needsReference === true ? run(world, 'static', seed).measures : undefined
  return runSubject({ world, module, parameters: initialValues(module), seed, reference })
}
