import { lstatSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import { withPrivateUmask } from './private-umask.ts'

const SQLITE_BUSY = 5

/**
 * At most one holder per file, on one machine or in containers that share a volume.
 *
 * Node has no flock, and a file with a pid in it goes stale. SQLite, which is part of Node, takes a lock that the kernel
 * drops with the process that holds it, so nobody ever has to break it. The file stays empty and is never deleted.
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
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.isFile() === false) {
      throw new EmbeddedRedisError('EMBEDDED_REDIS_UNSAFE_FOLDER',
        `${this.#path} is a link or no file; remove it, and let nobody else write to its folder`)
    }
    const database = withPrivateUmask(() => new DatabaseSync(this.#path))
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
