import type { QueuedEvent } from '../event/event.ts'
import { eventJson } from '../event/event-json.ts'
import { LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { newBatch, type Batch } from '../queue/batch.ts'
import type { StoredDeadLetter } from './dead-letter.ts'

export interface ReplayBatch {
  readonly batch: Batch
  readonly deadLetterIds: readonly string[]
}

/**
 * Makes batches that queue behind all live events. All events of a batch have the same own priority, as consumers
 * expect. Attempts start from one; completed steps do not run again.
 */
export function replayBatches (
  deadLetters: readonly StoredDeadLetter[],
  most: { events: number, bytes: number }
): ReplayBatch[] {
  const batches: ReplayBatch[] = []
  for (const group of Map.groupBy(deadLetters, ({ event }) => event.priority).values()) {
    let events: QueuedEvent[] = []
    let ids: string[] = []
    let bytes = 0
    const close = () => {
      if (events.length > 0) batches.push({ batch: newBatch(LOWEST_PRIORITY, events), deadLetterIds: ids })
      events = []
      ids = []
      bytes = 0
    }
    for (const { id, event: { attempt: _, deferrals: __, ...event } } of group) {
      events.push(event)
      ids.push(id)
      bytes += Buffer.byteLength(eventJson(event))
      if (events.length >= most.events || bytes >= most.bytes) close()
    }
    close()
  }
  return batches
}
