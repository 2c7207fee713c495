import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** Makes a folder that goes with its owner, or with this process. Its path is short: that of a unix socket is limited to about a hundred bytes. */
export async function makeFolder (owner: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-rig-'))
  // A Redis that is killed may leave a child behind that still writes its file.
  const remove = () => { rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) }
  process.once('exit', remove)
  owner.teardown(() => {
    process.removeListener('exit', remove)
    remove()
  })
  return folder
}
