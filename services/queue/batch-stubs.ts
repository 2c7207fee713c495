/*
 * A batch that is split leaves a stub under its key, which says where its events went, for receipts and for a late try
 * of its add.
 */
import type { Redis } from 'ioredis'
import type { BatchSteps } from './batch-steps.ts'
import type { Batch, Move } from './batch.ts'
import { loadJobScripts, type JobScripts } from './bullmq/job-scripts.ts'
import type { QueueKeys } from './keys.ts'
import type { Repair } from './repair.ts'

export interface BatchStubsOptions {
  redis: Redis
  keys: QueueKeys
  steps: BatchSteps
  repair: Repair
}

export class BatchStubs {
  readonly #options: BatchStubsOptions
  readonly #scripts: JobScripts

  constructor (options: BatchStubsOptions) {
    this.#options = options
    this.#scripts = loadJobScripts(options.redis)
  }

  /** Records the new places of the events on the stub of a batch that the script of its add has voided. */
  async recordMoves ({ id, secret }: Batch, moves: readonly Move[]): Promise<void> {
    const { redis, keys, steps } = this.#options
    const key = keys.jobs.of(id)
    const fields = { void: 1, result: JSON.stringify({ moves }), ...(secret !== undefined && { secret }) }
    await redis.multi().hset(key, fields).pexpire(key, steps.stubLifeMs).exec()
  }

  /** The same for a batch that is not added itself, since another shard remembers some of its events. */
  async voidBatch ({ id, secret = '' }: Batch, moves: readonly Move[]): Promise<void> {
    const { repair, steps, keys } = this.#options
    await repair.guard(() => this.#scripts.run('void-batch', [
      keys.jobs.of(id), JSON.stringify({ moves }), secret, steps.stubLifeMs
    ]))
  }

  /** Whether an earlier try has added the batch, which may be settled by now. */
  async isStored ({ id }: Batch): Promise<boolean> {
    const { redis, keys, repair } = this.#options
    const [events, isVoid] = await repair.guard(() => redis.hmget(keys.jobs.of(id), 'events', 'void'))
    return events != null && isVoid == null
  }
}
