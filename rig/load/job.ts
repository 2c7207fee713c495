import type { LoadRequest } from './request.ts'

interface Job {
  readonly port: number
  /** Processes whose CPU time and memory are read at both ends of the measured time, by role. */
  readonly watch: Readonly<Record<string, number>>
  /** Redis and queue that have to be empty before the measured time begins and when it ends; none: it ends by the clock. */
  readonly drain?: QueuePlace | undefined
}

/** The place of a BullMQ queue. */
export interface QueuePlace {
  /** Path of the unix socket of Redis. */
  readonly redisPath: string
  readonly prefix: string
  readonly queue: string
}

/** Connections that post the next when answered. */
export interface ClosedLoopJob extends Job {
  readonly kind: 'closed'
  readonly requests: readonly LoadRequest[]
  readonly eventsPerRequest: number
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

/** Requests that are due at a fixed rate, whatever becomes of those before. */
export interface OpenLoopJob extends Job {
  readonly kind: 'open'
  readonly requests: readonly LoadRequest[]
  readonly eventsPerRequest: number
  readonly ratePerSecond: number
  readonly mostConnections: number
  /** Time in which the last answers have to come. */
  readonly patienceMs: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

/** One request that brings a line for each event, as fast as the other side reads. */
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

/** The CPU time and memory that the processes used in the measured time. */
export interface Used {
  readonly cpuMicros: number
  /** From the start of the measured time to the highest point in it. */
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
  /** Sent later than they were due by more than a moment; closed loops have none. */
  readonly late: number
  /** Accepted. */
  readonly events: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** By role, `load` among them. */
  readonly used: Readonly<Record<string, Used>>
}
