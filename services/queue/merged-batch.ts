import { derivedId, type Batch, type Move } from './batch.ts'

/** Batches of one shard and priority that become one, and the places of their events in it. */
export interface Merger {
  readonly whole: Batch
  readonly parts: readonly { readonly batch: Batch, readonly move: Move }[]
}

/** Tells whether a batch can be merged: all its events have keys, or none has. */
export function isMergeable ({ keys }: Batch): boolean {
  return keys === undefined || !keys.includes(null)
}

/**
 * Merges batches of one shard and priority; all their events have keys, or none has. The id derives from theirs: the
 * same parts always yield the same job.
 */
export function merge (batches: readonly Batch[]): Merger {
  const { id: firstId, priority, keys } = batches[0] as Batch
  const events = batches.flatMap((batch) => batch.events)
  const id = derivedId(firstId, priority, events.length, batches.map((batch) => batch.id).join())
  let offset = 0
  const parts = batches.map((batch) => {
    const move: Move = [id, [...batch.events.keys()], offset]
    offset += batch.events.length
    return { batch, move }
  })
  return {
    whole: { id, priority, events, ...(keys !== undefined && { keys: batches.flatMap((batch) => batch.keys ?? []) }) },
    parts
  }
}
