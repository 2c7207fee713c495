import { constants, existsSync } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { DataDirFacts } from '../facts.ts'

const WRITABLE_BY_OTHERS = 0o022

/** Examines the folder of the service, or its nearest existing parent. Creates nothing. */
export async function gatherDataDir (dataDir: string): Promise<DataDirFacts> {
  const path = resolve(dataDir)
  let existing = path
  while (!existsSync(existing)) existing = dirname(existing)
  const isWritable = await access(existing, constants.W_OK | constants.X_OK).then(() => true, () => false)
  const { bavail, bsize } = await statfs(existing)
  const isOpen = existing === path && ((await stat(path)).mode & WRITABLE_BY_OTHERS) !== 0
  return { path, existing, isWritable, isOpen, freeBytes: bavail * bsize }
}
