import { existsSync, readFileSync } from 'node:fs'

/** A sync of a file, by its inode, or of a folder with the files that it had when the sync began. */
export type Sync =
  | { readonly inode: number }
  | { readonly folder: string, readonly files: Readonly<Record<string, number>> }

/** Everything that processes have synced, by rig/sync-journal.ts. */
export class Syncs {
  readonly #contents = new Set<number>()
  readonly #names = new Map<string, number>()

  constructor (syncs: readonly Sync[]) {
    for (const sync of syncs) {
      if ('inode' in sync) this.#contents.add(sync.inode)
      else for (const [name, inode] of Object.entries(sync.files)) this.#names.set(`${sync.folder}/${name}`, inode)
    }
  }

  /** Whether a file and its name survive a power cut. */
  isDurable (path: string, inode: number): boolean {
    return this.#contents.has(inode) && this.#names.get(path) === inode
  }
}

/** Reads the journals of processes that append to one file. */
export function readSyncs (journal: string): Syncs {
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : []
  return new Syncs(lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Sync]
    } catch {
      // A killed process leaves a part of a line.
      return []
    }
  }))
}
