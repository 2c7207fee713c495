import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

const DISK_BYTES = 32 * 2 ** 20
const BALLAST = 'ballast'

/** A small file system of its own in memory, which can be filled without harm to anything else. Mounting it takes root. */
export class Disk {
  readonly folder: string
  /** Why it could not be mounted; undefined when it is. */
  readonly obstacle: string | undefined
  #isMounted: boolean

  /** @param isWanted false where something else than a spool would be filled with it */
  constructor (folder: string, isWanted: boolean) {
    this.folder = folder
    mkdirSync(folder)
    if (!isWanted) {
      this.#isMounted = false
      this.obstacle = 'the embedded Redis is on the same disk as the spool'
      return
    }
    const { status, error, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'spillway-prove', folder], { encoding: 'utf8' })
    this.#isMounted = status === 0
    this.obstacle = this.#isMounted ? undefined : `a small disk could not be mounted: ${error?.message ?? stderr.split('\n', 1)[0]}`
  }

  /** Takes all of its room but so many bytes. */
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

  /** Synchronous, since it has to work in the last moment of this process; a process that still writes there does not hold it up. */
  unmount (): void {
    if (!this.#isMounted) return
    this.#isMounted = spawnSync('umount', ['--lazy', this.folder]).status !== 0
  }
}
