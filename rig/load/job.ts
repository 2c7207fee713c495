import type { LoadRequest } from './request.ts'

interface Job {
  readonly port: number
  /** Processes whose CPU time and memory are read at both ends of the measured time, by role. */
  readonly watch: Readonly<Record<string, number>>
  /**
   * The queue that has to be empty before the measured time begins and when it ends; if absent, time ends by the clock.
   */
  readonly drain?: QueuePlace | undefined
}

/** The place of a BullMQ queue. */
export interface QueuePlace {
  /** Path of the unix socket of Redis. */
  readonly redisPath: string
  readonly prefix: string
  readonly queue: string
}

/** Connections that post the next request after each answer. */
export interface ClosedLoopJob extends Job {
  readonly kind: 'closed'
  readonly requests: readonly LoadRequest[]
  readonly eventsPerRequest: number
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

/** Requests at a fixed rate, independent of earlier answers. */
export interface OpenLoopJob extends Job {
  readonly kind: 'open'
  readonly requests: readonly LoadRequest[]
  readonly eventsPerRequest: number
  readonly ratePerSecond: number
  readonly mostConnections: number
  /** Deadline for the last answers. */
  readonly patienceMs: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

/** One request with a line for each event, as fast as the server reads. */
export interface StreamJob extends Job {
  readonly kind: 'stream'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly lines: readonly string[]
  readonly warmUpEvents: number
  readonly events: number
}

/** The order to the generator. */
export type LoadJob = ClosedLoopJob | OpenLoopJob | StreamJob

/** The CPU time and memory of the processes in the measured time. */
export interface Used {
  readonly cpuMicros: number
  /** Growth from the start of the measured time to its peak. */
  readonly rssGrowthMiB: number
}

/** The results of the generator in the measured time. */
export interface LoadResult {
  /** Length of the measured time. */
  readonly seconds: number
  /** Requests by outcome; of a stream, events. */
  readonly accepted: number
  readonly shed: number
  /** Answers that are neither. */
  readonly other: number
  /** Without an answer. */
  readonly failed: number
  /** Requests that were sent clearly later than due; always 0 for closed loops. */
  readonly late: number
  /** Accepted. */
  readonly events: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** By role, `load` among them. */
  readonly used: Readonly<Record<string, Used>>
}
