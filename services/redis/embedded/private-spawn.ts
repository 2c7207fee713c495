import { chmodSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const PRIVATE_UMASK = 0o077
const PRIVATE_FOLDER_MODE = 0o700

/**
 * Calls `start`, which spawns a process, so that the files of this process are for its user alone. The child takes over the mask at the
 * moment of the spawn, within this call. In a worker thread the mask cannot be set; there the mask of the process holds.
 */
export function withPrivateUmask<Started> (start: () => Started): Started {
  if (!isMainThread) return start()
  const before = process.umask(PRIVATE_UMASK)
  try {
    return start()
  } finally {
    process.umask(before)
  }
}

/** Closes the folder of append-only files that an earlier server created for all to read. */
export function closeAppendOnlyFolder (dataDir: string): void {
  const folder = join(dataDir, 'appendonlydir')
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.() || (stats.mode & 0o077) === 0) return
  chmodSync(folder, PRIVATE_FOLDER_MODE)
}
