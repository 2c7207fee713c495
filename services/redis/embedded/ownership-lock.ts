import { DatabaseSync } from 'node:sqlite'
import { createPrivateFile } from './private-file.ts'

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
    createPrivateFile(this.#path)
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
