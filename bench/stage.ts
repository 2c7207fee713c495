import type { LoadJob, LoadResult } from '../rig/load/job.ts'
import type { RedisProcess } from '../rig/redis.ts'

/** A load without what the stage knows of itself. */
export type Plan = LoadJob extends infer Job ? Job extends LoadJob ? Omit<Job, 'port' | 'watch' | 'drain'> & { drains?: boolean } : never : never

/** A subject that runs, for the time of one measurement. */
export interface Stage {
  readonly ports: Readonly<Record<string, number>> & { readonly server: number }
  readonly pids: Readonly<Record<string, number>>
  readonly redis: RedisProcess | undefined
  /** How long to measure. */
  readonly seconds: number
  /** How long a loop runs before that. */
  readonly warmUpSeconds: number
  /** Figures that the scenario took before its first round. */
  readonly given: Readonly<Record<string, number>>
  /** Puts a load on it. With `drains` the measured time ends when nothing waits any more. */
  readonly load: (plan: Plan) => Promise<LoadResult>
}
