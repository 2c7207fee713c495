import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EmbeddedRedisError } from './embedded-redis-error.ts'

/** Size of sun_path less the final zero. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103

/**
 * The path of the unix socket for a data directory: inside it, or under the temporary directory where that is too deep.
 * Every process that is given the same directory finds the same path.
 *
 * @param dataDir absolute, with symbolic links resolved
 */
export function socketPathFor (dataDir: string): string {
  const direct = join(dataDir, 'redis.sock')
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) return direct
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  return join(tmpdir(), `spillway-${process.getuid?.()}-${hash}`, 'redis.sock')
}

/**
 * Creates the folder of the socket where it is missing. Anyone may create a folder under the temporary directory before
 * us and then listen on that path in place of Redis, so one that is not ours is refused. A data directory is the
 * operator's, and taken as it is.
 */
export function prepareSocketFolder (socketPath: string, dataDir: string): void {
  const folder = dirname(socketPath)
  if (folder === dataDir) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
    throw new EmbeddedRedisError('EMBEDDED_REDIS_UNSAFE_FOLDER', `${folder}: not a directory of this user (uid ${process.getuid?.()}), owned by uid ${stats.uid}`)
  }
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

/** Removes a folder that was created for the socket alone, unless something is left in it. */
export function removeSocketFolder (socketPath: string, dataDir: string): void {
  if (dirname(socketPath) === dataDir) return
  try {
    rmdirSync(dirname(socketPath))
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
