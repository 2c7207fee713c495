import { ArrivalStream } from './arrivals/arrival-stream.ts'
import { durationOf } from './arrivals/arrivals.ts'
import { CLASS_COUNT } from './classes.ts'
import { draw, seedOf } from './draw.ts'
import type { Figures } from './measure/figures.ts'
import type { Measures } from './measure/measures.ts'
import type { Who } from './measure/who.ts'
import type { SubjectModule } from './subject.ts'
import type { Scaler } from './world/autoscaler.ts'
import { Foresight } from './world/foresight.ts'
import { Population } from './world/population.ts'
import { Simulation } from './world/simulation.ts'
import type { World } from './world/world.ts'

export interface RunOptions {
  readonly world: World
  readonly module: SubjectModule
  readonly parameters: Readonly<Record<string, number>>
  readonly seed: number
  /** The run whose rate of refusals a control copies. */
  readonly reference?: Measures | undefined
  /** Tells recorded kinds of events apart. */
  readonly who?: Who
  /** Decides on the number of workers instead of production. */
  readonly scaler?: Scaler
  readonly onProgress?: (share: number) => void
}

export interface Run {
  readonly figures: Figures
  readonly measures: Measures
}

/** Runs one subject once. The same options give the same figures. */
export function runSubject ({ world, module, parameters, seed, reference, who, scaler, onProgress }: RunOptions): Run {
  const simulation = new Simulation(world, seed, who, scaler)
  const randomSeed = seedOf(seed, 'subject')
  let draws = 0
  const subject = module.create({
    ...world,
    parameters,
    now: () => simulation.now,
    random: () => draw(randomSeed, draws++),
    foresight: () => foresightOf(simulation, seed),
    referenceShedShare: (atMs) => {
      const minute = Math.floor(atMs / 60_000)
      const offers = reference?.offersByMinute.at(minute) ?? 0
      return offers === 0 ? 0 : (reference?.shedByMinute.at(minute) ?? 0) / offers
    }
  })
  const measures = simulation.run(subject, onProgress)
  return { measures, figures: measures.figures(simulation.pending, simulation.queued) }
}

/** Lets all arrivals pass once, ahead of the run. */
function foresightOf (simulation: Simulation, seed: number): Foresight {
  const { world, workers } = simulation
  const durationMs = durationOf(world.arrivals)
  const work = Array.from({ length: CLASS_COUNT }, () => new Float64Array(Foresight.steps(durationMs)))
  const population = new Population(world, seed)
  const stream = new ArrivalStream(world.arrivals, seed)
  let id = 0
  while (stream.next()) {
    for (let index = 0; index < stream.count; index++, id++) {
      const label = stream.labels?.[index]
      const service = population.serviceOf(id, population.organizationOf(id, label)) * world.meanServiceMs
      work[population.classOf(id, label)]![Foresight.stepOf(stream.times[index] as number)]! += service
    }
  }
  return new Foresight(work, (atMs) => world.capacity.speedAt(atMs) * world.slots, (priorityClass) => {
    let backlog = 0
    for (let index = 0; index <= priorityClass; index++) backlog += workers.waitingMs[index] as number
    return backlog
  })
}
