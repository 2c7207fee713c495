import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const MIN_SAMPLE_INTERVAL_MS = 250
const RESOLUTION_MS = 10
const NANOSECONDS_PER_MS = 1e6

export interface LoadLimits {
  /** Mean delay of the event loop within an interval; 0 sets no limit. */
  readonly eventLoopDelayMs: number
  readonly heapUsedBytes: number
}

export interface LoadFigures {
  /** Milliseconds; Infinity when the loop stood still for the whole interval. */
  readonly eventLoopDelay: number
  /** The share of the interval in which the loop was busy. */
  readonly eventLoopUtilized: number
  readonly heapUsed: number
  readonly rssBytes: number
}

/** Samples how loaded the process is. Each has a monitor of its own: several in a process do not reset one another's. */
export class ProcessLoad {
  readonly #limits: LoadLimits
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #utilization = performance.eventLoopUtilization()
  #figures: LoadFigures = { eventLoopDelay: 0, eventLoopUtilized: 0, heapUsed: 0, rssBytes: 0 }
  readonly #timer: NodeJS.Timeout

  constructor (limits: LoadLimits) {
    this.#limits = limits
    this.#delays.enable()
    // A loop that was blocked for a whole interval has no mean delay and counts as beyond any limit, so the interval
    // must not be shorter than the limit.
    this.#timer = setInterval(this.#sample, Math.max(MIN_SAMPLE_INTERVAL_MS, limits.eventLoopDelayMs)).unref()
  }

  get figures (): LoadFigures { return this.#figures }

  get isBeyondLimits (): boolean {
    const { eventLoopDelayMs, heapUsedBytes } = this.#limits
    const { eventLoopDelay, heapUsed } = this.#figures
    return (eventLoopDelayMs > 0 && eventLoopDelay > eventLoopDelayMs) || heapUsed > heapUsedBytes
  }

  stop (): void {
    clearInterval(this.#timer)
    this.#delays.disable()
  }

  readonly #sample = (): void => {
    const mean = this.#delays.mean / NANOSECONDS_PER_MS - RESOLUTION_MS
    this.#delays.reset()
    const utilization = performance.eventLoopUtilization()
    const { utilization: eventLoopUtilized } = performance.eventLoopUtilization(utilization, this.#utilization)
    this.#utilization = utilization
    this.#figures = {
      eventLoopDelay: Number.isNaN(mean) ? Infinity : Math.max(0, mean),
      eventLoopUtilized,
      heapUsed: getHeapStatistics().used_heap_size,
      rssBytes: residentBytes() ?? this.#figures.rssBytes
    }
  }
}

/** Node reads the resident memory from a file, and throws when no descriptor is left. */
function residentBytes (): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
