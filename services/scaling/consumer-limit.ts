/*
 * Evidence that more workers do not help. While workers are busy, the events that all of them finish are compared with
 * those of a time in which there were fewer of them:
 *
 *   gained     throughput of n workers - throughput of m workers, m < n
 *   expected   throughput of m workers x (n / m - 1), if nothing but the workers limits it
 *
 * If two steps in a row brought at most a quarter of the expected gain each, and chance does not explain it, the
 * consumer, a database behind it or the machine is the limit: the number of workers that reached the throughput is
 * enough. One step is no evidence, since events that take longer may have come at the same time. After ten minutes the
 * limit is forgotten, and more workers are tried again.
 */
import { areBusy, type WorkSample } from '../control/capacity.ts'

/** The times that throughput is measured in, and the fewest of them that count. */
const SPAN_MS = 2_500
const LEAST_SPANS = 8

/** New workers need some seconds until they are as fast as the others. */
const WARM_UP_MS = 5_000

/** A comparison with nearly as many workers would be one of chance. */
const LEAST_RATIO = 1.25

const LEAST_GAIN = 0.25
const BEYOND_CHANCE = 2

/** A consumer of ten minutes ago may have been another one. */
const LIFE_MS = 600_000

/** Throughput of a number of busy workers, in events per second, with its standard error. */
interface Throughput {
  readonly workers: number
  readonly mean: number
  readonly error: number
  readonly at: number
}

export interface Limit {
  /** More workers than this do not help. */
  readonly workers: number
  /** The comparison that shows it: so many workers, and fewer of them, with their throughputs in events per second. */
  readonly compared: readonly [few: number, fewPerSecond: number, many: number, manyPerSecond: number]
  readonly at: number
}

export class ConsumerLimit {
  readonly #known = new Map<number, Throughput>()
  #last: WorkSample | undefined
  #workers = 0
  #since = 0
  #span = { elapsedMs: 0, events: 0 }
  #spans: number[] = []
  #limit: Limit | undefined

  /** Undefined while nothing shows that more workers do not help. */
  get limit (): Limit | undefined { return this.#limit }

  observe (sample: WorkSample): void {
    const last = this.#last
    this.#last = sample
    if (this.#limit !== undefined && Math.abs(sample.at - this.#limit.at) > LIFE_MS) this.#forget()
    if (last === undefined || sample.workers !== this.#workers || sample.at < last.at) {
      this.#begin(sample)
      return
    }
    const isMeasured = areBusy(last, sample) && !sample.isPaused && !sample.isHeldUp && !last.isHeldUp
    if (!isMeasured) this.#span = { elapsedMs: 0, events: 0 }
    else if (sample.at - this.#since > WARM_UP_MS) this.#measure(last, sample)
  }

  /** The queue cannot be read. */
  lose (): void {
    this.#last = undefined
  }

  #begin ({ workers, at }: WorkSample): void {
    this.#workers = workers
    this.#since = at
    this.#span = { elapsedMs: 0, events: 0 }
    this.#spans = []
  }

  #measure (last: WorkSample, { at, worked, workers }: WorkSample): void {
    const { elapsedMs, events } = this.#span
    this.#span = { elapsedMs: elapsedMs + at - last.at, events: events + Math.max(0, worked - last.worked) }
    if (this.#span.elapsedMs < SPAN_MS) return
    this.#spans.push(this.#span.events * 1_000 / this.#span.elapsedMs)
    this.#span = { elapsedMs: 0, events: 0 }
    if (this.#spans.length < LEAST_SPANS) return
    const measured = { workers, at, ...meanOf(this.#spans) }
    this.#known.set(workers, measured)
    // The last ones: a speed that changes is not averaged with its past.
    if (this.#spans.length >= 2 * LEAST_SPANS) this.#spans = this.#spans.slice(-LEAST_SPANS)
    for (const [count, { at: knownAt }] of this.#known) if (at - knownAt > LIFE_MS) this.#known.delete(count)
    if (this.#limit === undefined) this.#judge(measured)
  }

  #judge (many: Throughput): void {
    for (const some of this.#known.values()) {
      if (!isInVain(some, many)) continue
      for (const few of this.#known.values()) {
        if (!isInVain(few, some) || !isInVain(few, many)) continue
        const enough = Math.max(few.workers, Math.ceil(many.mean * few.workers / few.mean))
        this.#limit = {
          workers: Math.min(enough, many.workers),
          compared: [few.workers, few.mean, many.workers, many.mean],
          at: many.at
        }
        return
      }
    }
  }

  #forget (): void {
    this.#limit = undefined
    this.#known.clear()
    this.#spans = []
  }
}

/** Whether the step from few workers to many gained next to nothing. */
function isInVain (few: Throughput, many: Throughput): boolean {
  if (few.mean <= 0 || many.workers < few.workers * LEAST_RATIO) return false
  const expected = few.mean * (many.workers / few.workers - 1)
  const most = many.mean - few.mean + BEYOND_CHANCE * Math.hypot(few.error, many.error)
  return most <= LEAST_GAIN * expected
}

function meanOf (values: readonly number[]): { mean: number, error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) }
}
