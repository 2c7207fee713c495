import type { RedisProcess } from '../../rig/redis.ts'

/** The environment of a subject. */
export interface Environment {
  /** For its files; removed with the subject. */
  readonly folder: string
  readonly redis: RedisProcess | undefined
  /** The exclusive core of the server; undefined if the kernel places the processes. */
  readonly core: number | undefined
}

/** A running subject. */
export interface Running {
  /** Processes by role; the server accepts events. */
  readonly ports: Readonly<Record<string, number>> & { readonly server: number }
  /** Process ids by role: `server`, `worker`, `consumer`. */
  readonly pids: Readonly<Record<string, number>>
  readonly stop: () => Promise<void>
}

/** A service that accepts events over HTTP: Spillway, or an alternative. */
export interface Subject {
  readonly needsRedis: boolean
  /** Whether there is a worker, so that no process has its own core. */
  readonly hasWorker: boolean
  /** The queue of its events in Redis, if there is one. */
  readonly queue?: { readonly prefix: string, readonly queue: string } | undefined
  /** Returns why it cannot run here; undefined if it can. */
  readonly obstacle?: () => string | undefined
  readonly start: (environment: Environment) => Promise<Running>
}
