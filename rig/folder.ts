import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** One listener for all of them: Node.js warns of many. */
const made = new Set<string>()
process.once('exit', () => { for (const folder of made) remove(folder) })

/** Makes a folder that is removed with its owner, or with this process. Its path is short, as unix sockets require. */
export async function makeFolder (owner: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-rig-'))
  made.add(folder)
  owner.teardown(() => {
    made.delete(folder)
    remove(folder)
  })
  return folder
}

function remove (folder: string): void {
  // A killed Redis may leave a child behind that still writes a file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
