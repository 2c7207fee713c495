import { placeId, type Batch } from '../queue/batch.ts'

/** Where the spooled events are that have a key, so that a second post of one is found without reading a file. */
export class KeyPlaces {
  readonly #places = new Map<string, string>()
  readonly #keys = new Map<string, NonNullable<Batch['keys']>>()

  /** The batch and index of the event with this key, as placeId gives them. */
  placeOf (key: string): string | undefined { return this.#places.get(key) }

  add (batchId: string, keys: Batch['keys']): void {
    if (keys === undefined) return
    this.#keys.set(batchId, keys)
    for (const [index, key] of keys.entries()) {
      // The first place stays: that is the one its producer was told.
      if (key !== null && !this.#places.has(key)) this.#places.set(key, placeId(batchId, index))
    }
  }

  delete (batchId: string): void {
    for (const [index, key] of this.#keys.get(batchId)?.entries() ?? []) {
      if (key !== null && this.#places.get(key) === placeId(batchId, index)) this.#places.delete(key)
    }
    this.#keys.delete(batchId)
  }
}
