import { createHash } from 'node:crypto'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { QueuedEvent } from '../event/event.ts'
import { DEAD_LETTER_QUEUE_NAME, KEY_PREFIX } from './keys.ts'

/** An event that could not be handled, kept with what is known about why. */
export interface DeadLetter {
  event: QueuedEvent
  reason: string
  /** How many times it was tried. */
  attempts: number
  /** RFC 3339. */
  diedAt: string
}

/** Keeps dead letters, one BullMQ job each; nothing works on this queue. */
export class DeadLetterQueue {
  readonly bullmq: Queue<DeadLetter>

  /** @param redis a connection made by connectForCommands; the queue does not close it */
  constructor (redis: Redis, onError: (error: Error) => void) {
    this.bullmq = new Queue<DeadLetter>(DEAD_LETTER_QUEUE_NAME, {
      connection: redis, prefix: KEY_PREFIX, skipWaitingForReady: true, skipVersionCheck: true, streams: { events: { maxLen: 100 } }
    })
    this.bullmq.on('error', onError)
  }

  /**
   * Stores dead letters of one batch. Their job ids derive from the batch and the place of the event in it, so storing them
   * again after a crash changes nothing.
   */
  async add (batchId: string, letters: readonly { index: number, letter: DeadLetter }[]): Promise<void> {
    await this.bullmq.addBulk(letters.map(({ index, letter }) => ({
      name: letter.event.type,
      data: letter,
      opts: { jobId: letterId(batchId, index) }
    })))
  }

  /** The letter of an event of a batch, if it became one and is still kept. */
  async letterOf (batchId: string, index: number): Promise<DeadLetter & { id: string } | undefined> {
    const id = letterId(batchId, index)
    const job = await this.bullmq.getJob(id)
    return job === undefined ? undefined : { id, ...job.data }
  }

  async close (): Promise<void> {
    await this.bullmq.close()
  }
}

function letterId (batchId: string, index: number): string {
  return `d-${createHash('sha256').update(`${batchId}:${index}`).digest('hex').slice(0, 32)}`
}
