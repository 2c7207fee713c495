import { cpuMicrosOf, forgetPeak, memoryMiBOf } from '../process/usage.ts'
import { Histogram } from './histogram.ts'
import type { LoadResult, Used } from './job.ts'

/** A service sheds load with one of these (SHED_STATUS); no load here has a quota, which would be 429 too. */
const SHED_STATUSES: ReadonlySet<number> = new Set([503, 429])

/** The measured time: counts, and the resources that the watched processes used in it. */
export class Window {
  readonly latency = new Histogram()
  accepted = 0
  shed = 0
  other = 0
  failed = 0
  late = 0
  readonly #watch: Readonly<Record<string, number>>
  readonly #start: ReturnType<typeof read>
  readonly #startedAt: number

  /** @param watch pids by role */
  constructor (watch: Readonly<Record<string, number>>) {
    this.#watch = { load: process.pid, ...watch }
    for (const pid of Object.values(this.#watch)) forgetPeak(pid)
    this.#start = read(this.#watch)
    this.#startedAt = performance.now()
  }

  /** Counts an answer and its latency in milliseconds. */
  count (status: number, latencyMs: number): void {
    this.latency.record(latencyMs)
    if (status >= 200 && status < 300) this.accepted++
    else if (SHED_STATUSES.has(status)) this.shed++
    else this.other++
  }

  /** Ends the measured time; later counts are ignored. */
  close (eventsPerRequest: number): LoadResult {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const end = read(this.#watch)
    const used = Object.fromEntries(Object.entries(end).map(([role, { cpuMicros, peak }]): [string, Used] => {
      const start = this.#start[role] as (typeof end)[string]
      return [role, { cpuMicros: cpuMicros - start.cpuMicros, rssGrowthMiB: Math.max(0, peak - start.rss) }]
    }))
    const { accepted, shed, other, failed, late } = this
    const [p50Ms, p99Ms, p999Ms] = [0.5, 0.99, 0.999].map((share) => this.latency.quantileMs(share)) as [
      number,
      number,
      number
    ]
    return {
      seconds,
      accepted,
      shed,
      other,
      failed,
      late,
      events: accepted * eventsPerRequest,
      p50Ms,
      p99Ms,
      p999Ms,
      used
    }
  }
}

function read (watch: Readonly<Record<string, number>>) {
  return Object
    .fromEntries(Object.entries(watch).map((
      [role, pid]
    ) => [role, { cpuMicros: cpuMicrosOf(pid), ...memoryMiBOf(pid) }]))
}
