import { draw, drawExponential, seedAt, seedOf } from '../draw.ts'
import type { Arrivals } from './arrivals.ts'

/**
 * The arrivals one bin at a time, each with its events in order of time. Inside a bin they are a Poisson process,
 * given the count if it is known. Arrays are used again for the next bin: a day of events never lies in memory.
 */
export class ArrivalStream {
  readonly #arrivals: Arrivals
  readonly #seeds: Readonly<Record<'times' | 'rounding' | 'order', number>>
  #bin = -1
  #times = new Float64Array(1_024)
  #organizations = new Int32Array(1_024)
  #count = 0

  constructor (arrivals: Arrivals, seed: number) {
    this.#arrivals = arrivals
    this.#seeds = { times: seedOf(seed, 'times'), rounding: seedOf(seed, 'rounding'), order: seedOf(seed, 'order') }
  }

  /** Events of the bin. */
  get count (): number { return this.#count }

  /** Their times in milliseconds, ascending; valid up to `count`. */
  get times (): Float64Array { return this.#times }

  /** Their organizations, if the arrivals tell. */
  get organizations (): Int32Array | undefined {
    return this.#arrivals.organizations === undefined ? undefined : this.#organizations
  }

  /** Goes on to the next bin; false after the last one. */
  next (): boolean {
    const { counts, isCounted, organizations } = this.#arrivals
    if (++this.#bin >= counts.length) {
      this.#count = 0
      return false
    }
    if (organizations !== undefined) this.#drawOrganizations()
    else if (isCounted) this.#count = this.#whole(counts[this.#bin] as number, this.#bin)
    if (isCounted) this.#drawCounted()
    else this.#drawPoisson(counts[this.#bin] as number)
    return true
  }

  /** A fraction of an event is an event with that probability. */
  #whole (events: number, index: number): number {
    const whole = Math.floor(events)
    return whole + (draw(this.#seeds.rounding, index) < events - whole ? 1 : 0)
  }

  /** Given their number, the points of a Poisson process are the partial sums of exponentials, stretched to fit. */
  #drawCounted (): void {
    const { binMs } = this.#arrivals
    const count = this.#count
    this.#reserve(count)
    const times = this.#times
    const seed = seedAt(this.#seeds.times, this.#bin)
    let sum = 0
    for (let index = 0; index < count; index++) times[index] = sum += drawExponential(seed, index)
    sum += drawExponential(seed, count)
    const start = this.#bin * binMs
    const stretch = binMs / sum
    for (let index = 0; index < count; index++) times[index] = start + (times[index] as number) * stretch
  }

  #drawPoisson (mean: number): void {
    const { binMs } = this.#arrivals
    const start = this.#bin * binMs
    const gapMs = binMs / mean
    const seed = seedAt(this.#seeds.times, this.#bin)
    let count = 0
    for (let at = drawExponential(seed, 0) * gapMs; at < binMs; at += drawExponential(seed, count) * gapMs) {
      this.#reserve(count + 1)
      this.#times[count++] = start + at
    }
    this.#count = count
  }

  /** As many of each organization as the trace says, in an order that is drawn (Fisher and Yates). */
  #drawOrganizations (): void {
    const { organizations = [] } = this.#arrivals
    let count = 0
    for (const [organization, { counts }] of organizations.entries()) {
      const events = this.#whole(counts[this.#bin] as number, this.#bin * organizations.length + organization)
      this.#reserve(count + events)
      this.#organizations.fill(organization, count, count + events)
      count += events
    }
    const order = this.#organizations
    const seed = seedAt(this.#seeds.order, this.#bin)
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(draw(seed, last) * (last + 1))
      const kept = order[last] as number
      order[last] = order[other] as number
      order[other] = kept
    }
    this.#count = count
  }

  #reserve (count: number): void {
    if (count <= this.#times.length) return
    const times = new Float64Array(2 * count)
    times.set(this.#times)
    this.#times = times
    const organizations = new Int32Array(2 * count)
    organizations.set(this.#organizations)
    this.#organizations = organizations
  }
}
