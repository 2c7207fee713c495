import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

const DISK_BYTES = 32 * 2 ** 20
const BALLAST = 'ballast'

/** A small file system in memory, which can be filled without harm to anything else. Mounting it requires root. */
export class Disk {
  readonly folder: string
  /** Why it could not be mounted; undefined if it is. */
  readonly obstacle: string | undefined
  #isMounted: boolean

  /** @param isWanted false if other data than a spool would be on it */
  constructor (folder: string, isWanted: boolean) {
    this.folder = folder
    mkdirSync(folder)
    if (!isWanted) {
      this.#isMounted = false
      this.obstacle = 'the embedded Redis is on the same disk as the spool'
      return
    }
    const { status, error, stderr } = spawnSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${DISK_BYTES},mode=700`,
      'spillway-prove',
      folder
    ], { encoding: 'utf8' })
    this.#isMounted = status === 0
    this.obstacle = this.#isMounted
      ? undefined
      : `a small disk could not be mounted: ${error?.message ?? stderr.split('\n', 1)[0]}`
  }

  /** Fills it except for so many bytes. */
  async fill (leftBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder)
    const file = await open(join(this.folder, BALLAST), 'w')
    try {
      await file.write(Buffer.alloc(Math.max(0, bavail * bsize - leftBytes), 1))
    } finally {
      await file.close()
    }
  }

  async free (): Promise<void> {
    await rm(join(this.folder, BALLAST), { force: true })
  }

  /** Unmounts it synchronously, since this process may be about to exit, and even if a process still writes to it. */
  unmount (): void {
    if (!this.#isMounted) return
    this.#isMounted = spawnSync('umount', ['--lazy', this.folder]).status !== 0
  }
}
