import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../rig/folder.ts'
import { withOwner } from '../../rig/owner.ts'
import { median } from '../median.ts'

const TIMES = 200
const BYTES = 4_096

/** Returns the milliseconds that an append of 4 KB takes until it is on the disk of this machine. */
export async function fsyncMs (): Promise<number> {
  return await withOwner(async (owner) => {
    const file = await open(join(await makeFolder(owner), 'appended'), 'a')
    const block = Buffer.alloc(BYTES, 'x')
    const times: number[] = []
    for (let time = 0; time < TIMES; time++) {
      const before = performance.now()
      await file.write(block)
      await file.datasync()
      times.push(performance.now() - before)
    }
    await file.close()
    return median(times)
  })
}
