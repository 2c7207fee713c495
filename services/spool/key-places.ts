import type { QueuedEvent } from '../event/event.ts'
import { textDigest } from '../event/text-digest.ts'
import { placeId, type Batch } from '../queue/batch.ts'
import type { Remembered } from '../queue/remembered.ts'

/** Facts about a spooled batch that are available without reading its file. */
export interface SpooledIdentities {
  readonly secret?: string | undefined
  /** The events with a key. */
  readonly remembered: readonly { readonly key: string, readonly event: Remembered }[]
}

/** The identities of the events of a batch. */
export function identitiesOf (
  { id, priority, keys, secret }: Pick<Batch, 'id' | 'priority' | 'keys' | 'secret'>,
  events: readonly QueuedEvent[]
): SpooledIdentities {
  const remembered = keys?.flatMap((key, index) => {
    const event = events[index]
    return key === null || event === undefined
      ? []
      : [{ key, event: { place: placeId(id, index), id: event.id, priority, typeDigest: textDigest(event.type) } }]
  })
  return { secret, remembered: remembered ?? [] }
}

/** Spooled events by key, to recognize a repetition without reading a file, and the secrets of their batches. */
export class KeyPlaces {
  readonly #events = new Map<string, Remembered>()
  readonly #batches = new Map<string, SpooledIdentities>()

  /** The event with this key. */
  eventOf (key: string): Remembered | undefined { return this.#events.get(key) }

  secretOf (batchId: string): string | undefined { return this.#batches.get(batchId)?.secret }

  add (batchId: string, identities: SpooledIdentities): void {
    if (identities.secret === undefined && identities.remembered.length === 0) return
    this.#batches.set(batchId, identities)
    for (const { key, event } of identities.remembered) {
      // The first place stays: the producer got it in the answer.
      if (!this.#events.has(key)) this.#events.set(key, event)
    }
  }

  delete (batchId: string): void {
    for (const { key, event } of this.#batches.get(batchId)?.remembered ?? []) {
      if (this.#events.get(key) === event) this.#events.delete(key)
    }
    this.#batches.delete(batchId)
  }
}
