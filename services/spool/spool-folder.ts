/*
 * The work of the spool on the disk:
 *
 *   dir/<name>                       a complete batch: it gets this name only once all of it is on disk
 *   dir/<name>.<process>.writing     a file in progress, or left by a process that died
 *   dir/damaged/<name>               an unreadable file, kept for people
 *
 * All of it is asynchronous and leaves the event loop alone.
 */
import { randomUUID } from 'node:crypto'
import { access, constants, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { allocatedBytes, type SpoolEntry } from './spool-entry.ts'
import { errorCode } from './spool-error.ts'

const WRITING = '.writing'
const DAMAGED = 'damaged'
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** Above the longest batch: BATCH_MAX_BYTES and one event, with the overhead of JSON. */
const LONGEST_FILE_BYTES = 268_435_456
const SIZES_AT_ONCE = 8
/** Most attempts to write a file if a starting process, or a person, removes it meanwhile. */
const MOST_ATTEMPTS = 5

/** The folder of the spool: stores files that survive a loss of power, lists, reads and removes them. */
export class SpoolFolder {
  readonly path: string
  /** Distinguishes files that this process is writing from those of dead processes. */
  readonly #suffix = `.${randomUUID()}${WRITING}`
  #syncing: Promise<void> | undefined
  #nextSync: Promise<void> | undefined

  constructor (path: string) {
    this.path = resolve(path)
  }

  /** Creates the folder if it is missing, durably: it survives a loss of power. */
  async create (): Promise<void> {
    const first = await mkdir(this.path, { recursive: true, mode: FOLDER_MODE })
    if (first === undefined) return
    for (let path = this.path; path.length >= first.length; path = dirname(path)) await syncFolder(dirname(path))
  }

  /** Returns the names of complete files. Removes incomplete ones of dead processes: no producer has a 202 for them. */
  async list (): Promise<string[]> {
    const files = (await readdir(this.path, { withFileTypes: true })).filter((entry) =>
      entry.isFile() && !entry.name.startsWith('.')
    )
    const leftOver = files.filter(({ name }) => name.endsWith(WRITING) && !name.endsWith(this.#suffix))
    // A live process that loses its file this way notices and writes it again.
    await Promise.allSettled(leftOver.map(({ name }) => unlink(join(this.path, name))))
    return files.filter(({ name }) => !name.endsWith(WRITING)).map(({ name }) => name)
  }

  /** Rejects if the folder is not writable, as far as a check without writing can tell. */
  async expectWritable (): Promise<void> {
    await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK)
  }

  /**
   * Resolves once the file and its name are on disk. If it rejects, it has removed the file, as far as the disk allows.
   */
  async store (name: string, content: Buffer): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#storeOnce(name, content)
        return
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === MOST_ATTEMPTS) throw error
        await this.create()
      }
    }
  }

  /** Follows no link, and reads no file above the limit. */
  async read (name: string): Promise<Buffer | 'too long'> {
    const file = await open(join(this.path, name), constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const { size } = await file.stat()
      return size > LONGEST_FILE_BYTES ? 'too long' : await file.readFile()
    } finally {
      await file.close()
    }
  }

  /** Returns the bytes of a file on disk, whatever its name says; 0 if it is gone. */
  async bytesOf (name: string): Promise<number> {
    return await lstat(join(this.path, name)).then(allocatedBytes, () => 0)
  }

  /** Returns the entries with the bytes of their files on disk. */
  async measured (entries: readonly SpoolEntry[]): Promise<SpoolEntry[]> {
    const measured: SpoolEntry[] = []
    const next = entries.values()
    await Promise.all(Array.from({ length: SIZES_AT_ONCE }, async () => {
      for (const entry of next) measured.push({ ...entry, bytes: await this.bytesOf(entry.name) })
    }))
    return measured
  }

  /** Also resolves if the file is gone already. */
  async remove (name: string): Promise<void> {
    await unlink(join(this.path, name)).catch(unlessGone)
  }

  /** Moves a file to the folder for damaged ones. */
  async setAside (name: string): Promise<void> {
    await mkdir(join(this.path, DAMAGED), { recursive: true, mode: FOLDER_MODE })
    await rename(join(this.path, name), join(this.path, DAMAGED, name)).catch(unlessGone)
  }

  /** Returns the bytes on disk of the damaged files. */
  async bytesAside (): Promise<number> {
    const folder = join(this.path, DAMAGED)
    const names = await readdir(folder).catch(() => [])
    const sizes = await Promise.all(names.map((name) => this.bytesOf(join(DAMAGED, name))))
    return sizes.reduce((total, bytes) => total + bytes, 0)
  }

  async #storeOnce (name: string, content: Buffer): Promise<void> {
    const path = join(this.path, name)
    const temporary = path + this.#suffix
    try {
      const file = await open(temporary, 'wx', FILE_MODE)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      await this.#sync()
    } catch (error) {
      await Promise.allSettled([unlink(temporary), unlink(path)])
      throw error
    }
  }

  /**
   * One fsync for all names that were written before it began; the one in progress may have begun before the caller's
   * write.
   */
  #sync (): Promise<void> {
    this.#nextSync ??= this.#syncAfter(this.#syncing)
    return this.#nextSync
  }

  async #syncAfter (present: Promise<void> | undefined): Promise<void> {
    await present?.catch(() => {})
    this.#syncing = this.#nextSync
    this.#nextSync = undefined
    await syncFolder(this.path)
  }
}

async function syncFolder (path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function unlessGone (error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
