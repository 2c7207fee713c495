import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** Makes a folder that goes with its owner, or with this process. Its path is short: that of a unix socket is limited to about a hundred bytes. */
export async function makeFolder (owner: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-rig-'))
  const remove = () => { rmSync(folder, { recursive: true, force: true }) }
  process.once('exit', remove)
  owner.teardown(() => {
    process.removeListener('exit', remove)
    remove()
  })
  return folder
}
