import type { Batch } from '../../services/queue/batch.ts'

/** A store under measurement. */
export interface Store {
  /** Resolves once the batch would survive a loss of power. */
  write: (batch: Batch) => Promise<void>
  close: () => Promise<void>
}

/** What was read of a store, batch by batch. */
export interface Findings {
  /** What the store complained of. */
  readonly complaints: string[]
  /** What came back for each batch, as services/spool/spool-file.ts encodes it. */
  readonly found: Map<string, Buffer>
}

/** A way to keep batches on the disk. All are given the same bytes per batch. */
export interface StoreKind {
  readonly name: string
  start: (dir: string) => Promise<Store>
  /** Reads each batch by itself, so that one that cannot be read costs no other more than the store makes it cost. */
  read: (dir: string, ids: readonly string[]) => Promise<Findings>
}

/** Calls `read` for each id and notes what it throws. */
export function readEach (ids: readonly string[], complaints: string[], read: (id: string) => Uint8Array | undefined): Findings {
  const found = new Map<string, Buffer>()
  for (const id of ids) {
    try {
      const content = read(id)
      if (content !== undefined) found.set(id, Buffer.from(content))
    } catch (error) {
      complaints.push(`${id}: ${String(error)}`)
    }
  }
  return { complaints, found }
}
