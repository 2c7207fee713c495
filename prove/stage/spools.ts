import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readSyncs } from './syncs.ts'

const FILES = 'spool-*/*.batch'

/** A file of a spool. */
export interface SpoolFile {
  readonly path: string
  readonly batchId: string
}

/** The files in the spools of all APIs, as they are on the disk. */
export class Spools {
  readonly #dataFolders: readonly string[]
  readonly #journal: string
  readonly #cloneFolder: string

  /**
   * @param dataFolders of the APIs
   * @param journal the file in which the APIs record what they synced
   */
  constructor (dataFolders: readonly string[], journal: string, cloneFolder: string) {
    this.#dataFolders = dataFolders
    this.#journal = journal
    this.#cloneFolder = cloneFolder
  }

  /** All complete files. */
  files (): SpoolFile[] {
    return this.#dataFolders.flatMap((folder) => globSync(FILES, { cwd: folder }).map((name) => ({
      path: join(folder, name), batchId: basename(name, '.batch').split('.').at(-1) ?? ''
    })))
  }

  /** Returns the text of the batch in a file: its third line. */
  batchIn ({ path }: SpoolFile): string {
    return readFileSync(path, 'utf8').split('\n')[2] ?? ''
  }

  /** Flips a bit of a file; `chance` chooses it, uniform in [0, 1). */
  flip ({ path }: SpoolFile, chance: number): void {
    const file = readFileSync(path)
    const bit = Math.floor(chance * 8 * file.length)
    file[bit >> 3] = (file[bit >> 3] as number) ^ 1 << (bit & 7)
    writeFileSync(path, file)
  }

  /** Copies the files that a power cut would leave: those that are synced, with their names. */
  clone (): SpoolFile[] {
    rmSync(this.#cloneFolder, { recursive: true, force: true })
    mkdirSync(this.#cloneFolder)
    // Read before the journal: a file that is synced in between is not in this list.
    const files = this.files().flatMap((file) => {
      const inode = inodeOf(file)
      return inode === undefined ? [] : [{ ...file, inode }]
    })
    const syncs = readSyncs(this.#journal)
    return files.flatMap((file) => {
      if (!syncs.isDurable(file.path, file.inode)) return []
      try {
        copyFileSync(file.path, join(this.#cloneFolder, basename(file.path)))
        return [file]
      } catch {
        // It has entered the queue meanwhile.
        return []
      }
    })
  }

  /** Puts the files of a clone in the place of all present ones. */
  restore (clone: readonly SpoolFile[]): void {
    for (const { path } of this.files()) rmSync(path)
    for (const { path } of clone) {
      mkdirSync(dirname(path), { recursive: true })
      copyFileSync(join(this.#cloneFolder, basename(path)), path)
    }
  }
}

/** Returns undefined for a file that is gone. */
function inodeOf ({ path }: SpoolFile): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
