import { appendFile, lstat, mkdir, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** A file ends at this share of the limit, or at this age, so that the oldest to delete is never much. */
const FILE_SHARE = 1 / 8
const FILE_MS = 3_600_000
const FILE_NAME = /^\d{8}T\d{6}\.\d{3}Z-[\da-f-]+\.jsonl\.gz$/

export interface FolderOptions {
  path: string
  /** Bytes of all files, of all processes that share the folder. */
  maxBytes: number
  /** Tells the files of this process apart. */
  id: string
}

/** The folder of recordings: appends records to files of this process and deletes the oldest of all processes. */
export class ArrivalFolder {
  readonly #options: FolderOptions
  #file: { readonly name: string, readonly startedAt: number, bytes: number } | undefined

  constructor (options: FolderOptions) {
    this.#options = options
  }

  get path (): string { return this.#options.path }

  /**
   * Appends a record. A file that was deleted meanwhile begins again. After a rejection the next record goes to another
   * file: the end of this one may be torn, and nothing behind that could be read.
   */
  async append (record: Buffer, now: number): Promise<void> {
    const { path, maxBytes, id } = this.#options
    const isOver = this.#file !== undefined &&
      (this.#file.bytes + record.length > maxBytes * FILE_SHARE || Math.abs(now - this.#file.startedAt) > FILE_MS)
    if (this.#file === undefined || isOver) {
      const time = new Date(now).toISOString().replaceAll(/[-:]/g, '')
      this.#file = { name: `${time}-${id}.jsonl.gz`, startedAt: now, bytes: 0 }
    }
    const { name } = this.#file
    try {
      await mkdir(path, { recursive: true, mode: FOLDER_MODE })
      await appendFile(join(path, name), record, { mode: FILE_MODE })
      this.#file.bytes += record.length
      await this.#deleteOldest(name)
    } catch (error) {
      this.#file = undefined
      throw error
    }
  }

  async #deleteOldest (current: string): Promise<void> {
    const { path, maxBytes } = this.#options
    // The names begin with the time, so they are in its order.
    const names = (await readdir(path)).filter((name) => FILE_NAME.test(name)).toSorted()
    const sizes = await Promise.all(names.map((name) => lstat(join(path, name)).then(({ size }) => size, () => 0)))
    let excess = sizes.reduce((total, size) => total + size, 0) - maxBytes
    for (const [index, name] of names.entries()) {
      if (excess <= 0) return
      if (name === current) continue
      await unlink(join(path, name)).catch(() => {})
      excess -= sizes[index] as number
    }
  }
}
