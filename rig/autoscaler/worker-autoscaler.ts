import { setTimeout as wait } from 'node:timers/promises'
import type { Owner } from '../owner.ts'
import { startServer, type SpawnedServer } from '../spawned-server.ts'
import { ReplicaPolicy, type ReplicaPolicyOptions } from './replica-policy.ts'

export interface WorkerAutoscalerOptions extends ReplicaPolicyOptions {
  /** The URL of an API process. */
  readonly url: string
  /** The environment of a worker. */
  readonly env: Record<string, string>
  readonly lookMs: number
}

/**
 * A small autoscaler: it reads GET /api/v1/autoscaling at intervals, and starts and stops worker processes. An answer
 * that is not 200 changes nothing. It and its workers end with their owner.
 */
export class WorkerAutoscaler {
  /** The numbers of workers that it has had, in order, each different from the one before. */
  readonly counts: number[] = []
  /** The last sentence of the service about its number. */
  reason = ''
  readonly #owner: Owner
  readonly #options: WorkerAutoscalerOptions
  readonly #policy: ReplicaPolicy
  readonly #workers: SpawnedServer[] = []
  #looking: Promise<void> | undefined
  #isOver = false

  private constructor (owner: Owner, options: WorkerAutoscalerOptions) {
    this.#owner = owner
    this.#options = options
    this.#policy = new ReplicaPolicy(options)
  }

  /** Starts the fewest workers and begins to look. */
  static async start (owner: Owner, options: WorkerAutoscalerOptions): Promise<WorkerAutoscaler> {
    const scaler = new WorkerAutoscaler(owner, options)
    await scaler.#scaleTo(options.fewest ?? 1)
    scaler.#looking = scaler.#look()
    owner.teardown(() => scaler.stop())
    return scaler
  }

  /** Resolves when it starts and stops nothing any more. Its workers go on. */
  async stop (): Promise<void> {
    this.#isOver = true
    await this.#looking
  }

  async #look (): Promise<void> {
    const { url, lookMs } = this.#options
    while (!this.#isOver) {
      await wait(lookMs)
      const needed = await this.#needed(url)
      if (!this.#isOver) await this.#scaleTo(this.#policy.next(performance.now(), needed, this.#workers.length))
    }
  }

  async #needed (url: string): Promise<number | undefined> {
    const answer = await fetch(`${url}/api/v1/autoscaling`, { headers: { connection: 'close' } }).catch(() => undefined)
    if (answer?.ok !== true) return undefined
    const { workers, reason } = await answer.json() as { workers: { needed: number }, reason: string }
    this.reason = reason
    return workers.needed
  }

  async #scaleTo (count: number): Promise<void> {
    if (count === this.#workers.length) return
    this.counts.push(count)
    const missing = Math.max(0, count - this.#workers.length)
    const { env } = this.#options
    this.#workers.push(...await Promise.all(
      Array.from({ length: missing }, () => startServer(this.#owner, { ...env, ROLE: 'worker' }))
    ))
    await Promise.all(this.#workers.splice(count).map(({ kill }) => kill('SIGTERM')))
  }
}
