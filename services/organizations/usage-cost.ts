/*
 * The cost of an event is the time for which it occupies a worker. Events of a batch end together, so the time of a
 * batch is shared out by what its types were known to take, and moves these figures by a tenth of the error:
 *
 *   time of the batch T,  expected E = Σ events x ms of their type      ms of each type in it x= 0.9 + 0.1 x T / E
 *
 * A batch of one event makes this the usual moving average. A type that makes its batches slow
 * stands out against those beside it by the batches that have these and not it.
 */
import type { FleetShare } from '../admission/policy.ts'
import { Frequent, NO_PLACE } from '../frequency/frequent.ts'

/** Types that a worker keeps apart: those with the most events and the most time. */
const MOST_TYPES = 128
/** Types of a report: those whose work would be furthest off if their events counted like any. */
const MOST_REPORTED = 32
const MOST_REPLACED = 100
const STEP = 0.1
/** A single batch that takes this many times longer than expected says no more than this. */
const MOST_RATIO = 100
const HALF_LIFE_MS = 60_000

/** Costs beyond these say more about a measurement than about a type. */
const LEAST_COST = 0.01
const MOST_COST = 1_000

/** The name of the mean over all events in a report; no type has it. */
const MEAN = ''

/** The part of a report of a process with a worker. */
export const SERVICE_MS = 'service-ms'

/** Measures how long events of each type occupy a slot of this worker. */
export class ServiceTimes {
  readonly #types: Frequent
  readonly #ms = new Float64Array(MOST_TYPES)
  /** Faded, with their time, of all types. */
  #events = 0
  #busyMs = 0

  constructor () {
    this.#types = new Frequent({
      room: MOST_TYPES, mostReplaced: MOST_REPLACED, onReplaced: (place) => { this.#ms[place] = 0 }
    })
  }

  /** Takes in a batch that handlers have worked on. */
  observe (types: readonly string[], elapsedMs: number): void {
    const eachMs = elapsedMs / types.length
    this.#events += types.length
    this.#busyMs += elapsedMs
    // An event counts once for itself and once for its time.
    const amount = 1 + eachMs * this.#events / Math.max(this.#busyMs, Number.MIN_VALUE)
    const places = types.map((type) => this.#types.add(type, amount))
    let expectedMs = 0
    for (const place of places) {
      if (place === NO_PLACE) expectedMs += eachMs
      else expectedMs += this.#ms[place] ||= Math.max(Number.MIN_VALUE, eachMs)
    }
    const factor = 1 - STEP + STEP * Math.min(MOST_RATIO, elapsedMs / expectedMs)
    for (const place of new Set(places)) if (place !== NO_PLACE) this.#ms[place]! *= factor
  }

  /** Fades the evidence by the elapsed time, so that types that come no more lose their places. */
  fade (elapsedMs: number): void {
    const factor = 0.5 ** (elapsedMs / HALF_LIFE_MS)
    this.#events *= factor
    this.#busyMs *= factor
    this.#types.fade(factor)
  }

  /** Milliseconds of an event of each type, and of any event, for the replicas that admit events. */
  report (): FleetShare {
    if (this.#events === 0) return {}
    const meanMs = this.#busyMs / this.#events
    const ofTypes = this.#types.keys.map((type, place) => {
      const ms = this.#ms[place] as number
      // The count of a type is its events and their cost.
      const events = this.#types.countAt(place) / (1 + ms / meanMs)
      return { type, ms, error: events * Math.abs(ms - meanMs) }
    }).toSorted((one, other) => other.error - one.error).slice(0, MOST_REPORTED)
    return { ...Object.fromEntries(ofTypes.map(({ type, ms }) => [type, shortened(ms)])), [MEAN]: shortened(meanMs) }
  }
}

/** The costs of types as all workers have measured them. */
export class TypeCosts {
  #costs: ReadonlyMap<string, number> = new Map()

  /** Takes in the reports of all workers, in place of the ones before. */
  observe (reports: readonly FleetShare[]): void {
    const costs = new Map<string, number[]>()
    for (const { [MEAN]: mean, ...types } of reports) {
      if (mean === undefined || !(mean > 0)) continue
      for (const [type, ms] of Object.entries(types)) {
        costs.set(type, [...costs.get(type) ?? [], Math.min(MOST_COST, Math.max(LEAST_COST, ms / mean))])
      }
    }
    this.#costs = new Map([...costs].map(([type, each]) => [type, each.reduce((sum, cost) => sum + cost, 0) / each.length]))
  }

  /** The service time of a type as a multiple of the mean; 1 if no worker has told it. */
  of (type: string | undefined): number {
    return this.#costs.size === 0 || type === undefined ? 1 : this.#costs.get(type) ?? 1
  }
}

function shortened (value: number): number {
  return Number(value.toPrecision(3))
}
