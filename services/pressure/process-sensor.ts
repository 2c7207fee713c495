import { monitorEventLoopDelay, performance as clock } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const RESOLUTION_MS = 10
const NANOS_PER_MS = 1_000_000

export interface ProcessBounds {
  /** Mean delay of the event loop over an interval; 0 is no bound. */
  readonly eventLoopDelayMs: number
  readonly heapUsedBytes: number
}

export interface ProcessReading {
  /** Mean over the last interval; infinite for a loop that was blocked through all of it. */
  readonly eventLoopDelay: number
  readonly eventLoopUtilized: number
  readonly heapUsed: number
  /** 0 until it could be read once. */
  readonly rssBytes: number
}

/**
 * Reads the process itself at an interval. The reading of resident memory opens a file and throws when no descriptor is
 * left, which must not end the process: the last figure stays then. Heap and event loop need no descriptor.
 */
export class ProcessSensor {
  readonly #bounds: ProcessBounds
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #utilization = clock.eventLoopUtilization()
  #reading: ProcessReading = { eventLoopDelay: 0, eventLoopUtilized: 0, heapUsed: 0, rssBytes: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor (bounds: ProcessBounds) {
    this.#bounds = bounds
  }

  get reading (): ProcessReading { return this.#reading }

  get isBeyondBounds (): boolean {
    const { eventLoopDelayMs, heapUsedBytes } = this.#bounds
    const { eventLoopDelay, heapUsed } = this.#reading
    return (eventLoopDelayMs > 0 && eventLoopDelay > eventLoopDelayMs) || heapUsed > heapUsedBytes
  }

  start (intervalMs: number): void {
    this.#delays.enable()
    this.#timer ??= setInterval(() => this.#read(), intervalMs).unref()
  }

  stop (): void {
    this.#delays.disable()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #read (): void {
    const { mean } = this.#delays
    const before = this.#utilization
    this.#utilization = clock.eventLoopUtilization()
    this.#reading = {
      eventLoopDelay: Number.isNaN(mean) ? Infinity : Math.max(0, mean / NANOS_PER_MS - RESOLUTION_MS),
      eventLoopUtilized: clock.eventLoopUtilization(this.#utilization, before).utilization,
      heapUsed: getHeapStatistics().used_heap_size,
      rssBytes: residentBytes() ?? this.#reading.rssBytes
    }
    this.#delays.reset()
  }
}

function residentBytes (): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}
