import { closeSync, lstatSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/**
 * At most one holder per file, on one machine or in containers that share a volume.
 *
 * Node has no flock, and a file with a pid in it goes stale with its process. SQLite, which is part of Node, takes a lock
 * of the operating system: the kernel drops it with the process that holds it, however that ended, so there is nothing to
 * break and no moment in which two processes break it at once. The file stays empty and is never deleted.
 */
export class OwnershipLock {
  readonly #path: string
  #database: DatabaseSync | undefined

  constructor (path: string) {
    this.#path = path
  }

  get isHeld (): boolean { return this.#database !== undefined }

  /** Takes the lock unless another holds it; true when it is ours now, also when it was before. */
  tryAcquire (): boolean {
    if (this.isHeld) return true
    createPrivately(this.#path)
    const database = new DatabaseSync(this.#path)
    try {
      database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false
      throw error
    }
    this.#database = database
    return true
  }

  release (): void {
    this.#database?.close()
    this.#database = undefined
  }
}

/**
 * SQLite would create the file readable to all, and through a link that stands in its place. A file that exists is not
 * opened here: closing it would drop the lock that this process may hold on it.
 */
function createPrivately (path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (lstatSync(path).isSymbolicLink()) throw new Error(`${path} is a symbolic link; remove it`, { cause: error })
  }
}
