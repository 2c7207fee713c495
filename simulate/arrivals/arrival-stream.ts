import { draw, drawExponential, seedAt, seedOf } from '../draw.ts'
import type { Arrivals, OrganizationArrivals, RecordedArrivals } from './arrivals.ts'

/**
 * The arrivals one bin at a time, each with its events in order of time. Inside a bin they are a Poisson process,
 * given the count if it is known. Arrays are used again for the next bin: a day of events never lies in memory.
 */
export class ArrivalStream {
  readonly #arrivals: Arrivals
  readonly #seeds: Readonly<Record<'times' | 'rounding' | 'order', number>>
  #bin = -1
  #times = new Float64Array(1_024)
  #labels = new Int32Array(1_024)
  #count = 0

  constructor (arrivals: Arrivals, seed: number) {
    this.#arrivals = arrivals
    this.#seeds = { times: seedOf(seed, 'times'), rounding: seedOf(seed, 'rounding'), order: seedOf(seed, 'order') }
  }

  /** Events of the bin. */
  get count (): number { return this.#count }

  /** Their times in milliseconds, ascending; valid up to `count`. */
  get times (): Float64Array { return this.#times }

  /** Their organizations or recorded kinds, by index, if the arrivals tell. */
  get labels (): Int32Array | undefined {
    const { organizations, recorded } = this.#arrivals
    return organizations === undefined && recorded === undefined ? undefined : this.#labels
  }

  /** Goes on to the next bin; false after the last one. */
  next (): boolean {
    const { counts, isCounted, organizations, recorded } = this.#arrivals
    if (++this.#bin >= counts.length) {
      this.#count = 0
      return false
    }
    if (recorded !== undefined) this.#drawKinds(recorded)
    else if (organizations !== undefined) this.#drawOrganizations(organizations)
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

  /** As many of each organization as the trace says. */
  #drawOrganizations (organizations: readonly OrganizationArrivals[]): void {
    this.#count = 0
    for (const [organization, { counts }] of organizations.entries()) {
      this.#add(organization, this.#whole(counts[this.#bin] as number, this.#bin * organizations.length + organization))
    }
    this.#shuffle()
  }

  /** As many of each kind as were recorded. */
  #drawKinds ({ starts, kindOf, counts }: RecordedArrivals): void {
    this.#count = 0
    const end = starts[this.#bin + 1] as number
    for (let entry = starts[this.#bin] as number; entry < end; entry++) {
      this.#add(kindOf[entry] as number, this.#whole(counts[entry] as number, entry))
    }
    this.#shuffle()
  }

  #add (label: number, events: number): void {
    this.#reserve(this.#count + events)
    this.#labels.fill(label, this.#count, this.#count + events)
    this.#count += events
  }

  /** Draws the order of the labels (Fisher and Yates). */
  #shuffle (): void {
    const order = this.#labels
    const seed = seedAt(this.#seeds.order, this.#bin)
    for (let last = this.#count - 1; last > 0; last--) {
      const other = Math.floor(draw(seed, last) * (last + 1))
      const kept = order[last] as number
      order[last] = order[other] as number
      order[other] = kept
    }
  }

  #reserve (count: number): void {
    if (count <= this.#times.length) return
    const times = new Float64Array(2 * count)
    times.set(this.#times)
    this.#times = times
    const labels = new Int32Array(2 * count)
    labels.set(this.#labels)
    this.#labels = labels
  }
}
