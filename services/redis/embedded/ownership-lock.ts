import { lstatSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import { withPrivateUmask } from './private-umask.ts'

const SQLITE_BUSY = 5

/**
 * At most one holder per file, on one machine or in containers that share a volume.
 *
 * Node has no flock, and a file with a pid becomes stale. SQLite, which is part of Node, uses a lock that the kernel
 * releases with its process, so nobody has to break it. The file stays empty and is never deleted.
 */
export class OwnershipLock {
  readonly #path: string
  #database: DatabaseSync | undefined

  constructor (path: string) {
    this.#path = path
  }

  get isHeld (): boolean { return this.#database !== undefined }

  /** Takes the lock unless another process holds it; returns whether this process holds it now. */
  tryAcquire (): boolean {
    if (this.isHeld) return true
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.isFile() === false) {
      throw new EmbeddedRedisError('EMBEDDED_REDIS_UNSAFE_FOLDER',
        `${this.#path} is a link or not a file; remove it, and let nobody else write to its folder`)
    }
    const database = withPrivateUmask(() => new DatabaseSync(this.#path))
    try {
      // Node refuses OFF without an error, and then there is a journal on disk for as long as the lock is held.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
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
