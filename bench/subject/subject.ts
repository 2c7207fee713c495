import type { RedisProcess } from '../../rig/redis.ts'

/** The surroundings that a subject starts in. */
export interface Environment {
  /** For its files; goes with it. */
  readonly folder: string
  readonly redis: RedisProcess | undefined
  /** The core that the server has to itself; undefined where the kernel places the processes. */
  readonly core: number | undefined
}

/** A subject that runs. */
export interface Running {
  /** By role; the server is the one that takes events. */
  readonly ports: Readonly<Record<string, number>> & { readonly server: number }
  /** Process ids by role: `server`, `worker`, `consumer`. */
  readonly pids: Readonly<Record<string, number>>
  readonly stop: () => Promise<void>
}

/** Something that takes events over HTTP: Spillway, or what people would run in its place. */
export interface Subject {
  readonly needsRedis: boolean
  /** With a worker beside the server no process has a core to itself. */
  readonly hasWorker: boolean
  /** The queue in Redis in which its events wait, if they do. */
  readonly queue?: { readonly prefix: string, readonly queue: string } | undefined
  /** Why it cannot run here; undefined when it can. */
  readonly obstacle?: () => string | undefined
  readonly start: (environment: Environment) => Promise<Running>
}
