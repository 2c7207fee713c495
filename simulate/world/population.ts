import { draw, drawExponential, seedOf } from '../draw.ts'
import type { Flood } from '../arrivals/flood.ts'
import { totalOf, type Arrivals, type RecordedArrivals } from '../arrivals/arrivals.ts'
import { CRITICAL, type ByClass } from '../classes.ts'

export const SERVICE_TIMES = ['fixed', 'exponential', 'heavy', 'poison', 'poison-type'] as const

/**
 * `heavy` has a Pareto tail; with `poison` one event in a hundred takes a hundred times as long as the others, and with
 * `poison-type` these are all events of one organization.
 */
export type ServiceTimes = (typeof SERVICE_TIMES)[number]

/** Events that have to be delivered within a time after they were offered first. */
export interface Deadlines {
  readonly share: number
  readonly afterMs: number
}

export interface PopulationOptions {
  readonly arrivals: Arrivals
  /** Shares of the classes; they add up to 1. */
  readonly mix: ByClass
  /** Number of organizations if the arrivals do not tell; the load of the n-th is proportional to 1/n. */
  readonly organizations: number
  readonly serviceTimes: ServiceTimes
  readonly deadlines: readonly Deadlines[]
  readonly flood: Flood | undefined
}

const PARETO_SHAPE = 1.8
/** No event takes more than this many times the shortest. */
const PARETO_MOST = 10_000
const POISON_SHARE = 0.01
const POISON_FACTOR = 100

/**
 * The nature of each event: its class, its organization and its service time. It follows from the label of the event, as
 * far as the arrivals tell, and else from its id and the seed.
 */
export class Population {
  /** Share of the work that each organization offers, in service time. */
  readonly workShares: Float64Array
  readonly #seeds: Readonly<Record<'class' | 'organization' | 'service' | 'deadline', number>>
  readonly #mix: ByClass
  readonly #recorded: RecordedArrivals | undefined
  readonly #rows: Arrivals['organizations']
  readonly #floodTypes: number
  readonly #serviceTimes: ServiceTimes
  readonly #deadlines: readonly Deadlines[]
  /** Share of the events of each organization and of those before it. */
  readonly #cumulative: Float64Array
  readonly #isFlood: readonly boolean[]
  #poisoner: number | undefined
  /** Service time of each organization; the mean over all events is 1. */
  readonly #weights: Float64Array

  constructor ({ arrivals, mix, organizations, serviceTimes, deadlines, flood }: PopulationOptions, seed: number) {
    this.#rows = arrivals.organizations
    this.#floodTypes = flood?.split === 'types' ? flood.parts : 1
    this.#seeds = {
      class: seedOf(seed, 'class'), organization: seedOf(seed, 'organization'), service: seedOf(seed, 'service'),
      deadline: seedOf(seed, 'deadline')
    }
    this.#mix = mix
    this.#recorded = arrivals.recorded
    this.#serviceTimes = serviceTimes
    this.#deadlines = deadlines
    const rows = arrivals.organizations
    const loads = loadsOf(arrivals, organizations)
    const load = totalOf(loads)
    const times = Float64Array.from(loads, (_, index) => rows?.[index]?.serviceTime ?? 1)
    this.#isFlood = Array.from(loads, (_, index) => rows?.[index]?.isFlood === true)
    if (serviceTimes === 'poison-type') this.#poison(times, loads)
    const work = loads.reduce((sum, events, index) => sum + events * (times[index] as number), 0)
    this.#weights = times.map((time) => time * load / work)
    this.workShares = loads.map((events, index) => events * (times[index] as number) / work)
    let sum = 0
    this.#cumulative = loads.map((events) => sum += events / load)
  }

  get organizations (): number { return this.workShares.length }

  isFlood (organization: number): boolean { return this.#isFlood[organization] === true }

  /** Organizations differ by their types, and types by their service times. */
  typeOf (id: number, organization: number): string {
    if (organization === this.#poisoner) return 'poison'
    if (this.#recorded !== undefined || this.#rows === undefined) return 'event'
    return this.isFlood(organization) ? `flood-${id % this.#floodTypes}` : `type-${organization}`
  }

  classOf (id: number, label: number | undefined): number {
    if (this.#recorded !== undefined && label !== undefined) return this.#recorded.kinds[label]!.class
    const [critical, normal, low] = this.#mix
    // A flood of critical events would be let in.
    const isFlood = this.#recorded === undefined && label !== undefined && this.isFlood(label)
    const at = draw(this.#seeds.class, id) * (isFlood ? normal + low : 1) + (isFlood ? critical : 0)
    return at < critical ? CRITICAL : at < critical + normal ? 1 : 2
  }

  organizationOf (id: number, label: number | undefined): number {
    if (label !== undefined) return this.#recorded === undefined ? label : this.#recorded.kinds[label]!.organization
    const at = draw(this.#seeds.organization, id)
    let low = 0
    let high = this.#cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#cumulative[middle] as number) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The mean service time of an organization, as a multiple of the mean. */
  meanServiceOf (organization: number): number { return this.#weights[organization] as number }

  /** The service time, as a multiple of the mean. */
  serviceOf (id: number, organization: number): number {
    return (this.#weights[organization] as number) * this.#shape(id)
  }

  /** Milliseconds within which the event has to be delivered; Infinity without a deadline. */
  deadlineOf (id: number): number {
    if (this.#deadlines.length === 0) return Infinity
    let at = draw(this.#seeds.deadline, id)
    for (const { share, afterMs } of this.#deadlines) {
      if (at < share) return afterMs
      at -= share
    }
    return Infinity
  }

  /** The organization with about a hundredth of the events. */
  #poison (times: Float64Array, loads: Float64Array): void {
    const load = totalOf(loads)
    const distance = (index: number) => Math.abs((loads[index] as number) / load - POISON_SHARE)
    const poisoner = loads.reduce((nearest, _, index) => distance(index) < distance(nearest) ? index : nearest, 0)
    times[poisoner] = POISON_FACTOR * totalOf(times.map((time, index) => time * (loads[index] as number))) / load
    this.#poisoner = poisoner
  }

  #shape (id: number): number {
    const { service } = this.#seeds
    switch (this.#serviceTimes) {
      case 'fixed': return 1
      case 'exponential':
      case 'poison-type': return drawExponential(service, id)
      case 'heavy': {
        const shortest = (PARETO_SHAPE - 1) / PARETO_SHAPE
        return shortest * Math.min(PARETO_MOST, draw(service, id) ** (-1 / PARETO_SHAPE))
      }
      case 'poison': {
        const mean = 1 + POISON_SHARE * (POISON_FACTOR - 1)
        return (draw(service, id) < POISON_SHARE ? POISON_FACTOR : 1) / mean
      }
    }
  }
}

/** Events of each organization, in any unit. */
function loadsOf ({ organizations: rows, recorded }: Arrivals, organizations: number): Float64Array {
  if (rows !== undefined) return Float64Array.from(rows, ({ counts }) => totalOf(counts))
  if (recorded === undefined) return Float64Array.from({ length: organizations }, (_, index) => 1 / (index + 1))
  const { kinds, starts, kindOf, counts } = recorded
  const loads = new Float64Array(recorded.organizations.length)
  const end = starts.at(-1) as number
  for (let entry = starts[0] as number; entry < end; entry++) {
    loads[kinds[kindOf[entry] as number]!.organization]! += counts[entry] as number
  }
  return loads
}
