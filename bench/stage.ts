import type { LoadJob, LoadResult } from '../rig/load/job.ts'
import type { RedisProcess } from '../rig/redis.ts'

/** A load without the members that the stage adds. */
export type Plan = LoadJob extends infer Job
  ? Job extends LoadJob ? Omit<Job, 'port' | 'watch' | 'drain'> & { drains?: boolean } : never
  : never

/** A running subject during one measurement. */
export interface Stage {
  readonly ports: Readonly<Record<string, number>> & { readonly server: number }
  readonly pids: Readonly<Record<string, number>>
  readonly redis: RedisProcess | undefined
  /** How long to measure. */
  readonly seconds: number
  /** How long a loop runs before the measured time. */
  readonly warmUpSeconds: number
  /** Figures that the scenario measured before its first round. */
  readonly given: Readonly<Record<string, number>>
  /** Puts a load on the subject. With `drains` the measured time ends when the queue is empty. */
  readonly load: (plan: Plan) => Promise<LoadResult>
}
