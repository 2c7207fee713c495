import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** Makes a folder that is removed with its owner, or with this process. Its path is short, as unix sockets require. */
export async function makeFolder (owner: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-rig-'))
  // A killed Redis may leave a child behind that still writes a file.
  const remove = () => { rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) }
  process.once('exit', remove)
  owner.teardown(() => {
    process.removeListener('exit', remove)
    remove()
  })
  return folder
}
