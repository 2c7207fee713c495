import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { EmbeddedRedisError } from './embedded-redis-error.ts'

const PRIVATE_MODE = 0o600

/**
 * Writes a file by renaming, so that a process that is killed in between leaves no half of it. A file or a link that somebody
 * put in the place of the new one is removed, never followed.
 */
export function replacePrivateFile (path: string, text: string): void {
  const next = `${path}.new`
  rmSync(next, { force: true })
  // Exclusive, which follows no link either.
  writeFileSync(next, text, { flag: 'wx', mode: PRIVATE_MODE })
  renameSync(next, path)
}

/** Reads a file of this user, or throws: one of somebody else, or behind a link, could name any process. */
export function readPrivateFile (path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.uid !== process.getuid?.()) throw new Error(`${path} is not a file of this user`)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** Creates an empty file unless there is one. It is not opened if it exists: to close it would drop the locks that this process has on it. */
export function createPrivateFile (path: string): void {
  try {
    closeSync(openSync(path, 'wx', PRIVATE_MODE))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (lstatSync(path).isFile()) return
    throw new EmbeddedRedisError('EMBEDDED_REDIS_UNSAFE_FOLDER', `${path} is a link or no file; remove it, and let nobody else write to its folder`)
  }
}
