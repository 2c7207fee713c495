import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EmbeddedRedisError } from './embedded-redis-error.ts'

/** Size of sun_path without the final zero. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103

/**
 * Returns the path of the unix socket for a data directory: inside it, or under the temporary directory if the path
 * would be too long. Every process with the same directory gets the same path.
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
 * Creates the folder of the socket if it is missing. Another user may create the folder under the temporary directory
 * first, and then listen on that path instead of Redis. So a folder that others can write to is refused.
 */
export function prepareSocketFolder (socketPath: string, dataDir: string): void {
  const folder = dirname(socketPath)
  if (folder === dataDir) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  if (stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0) return
  throw new EmbeddedRedisError('EMBEDDED_REDIS_UNSAFE_FOLDER',
    `${folder} is not a folder of this user (uid ${process.getuid?.()}) alone; remove it`)
}

/** Removes a folder that was created only for the socket. */
export function removeSocketFolder (socketPath: string, dataDir: string): void {
  if (dirname(socketPath) !== dataDir) rmSync(dirname(socketPath), { recursive: true, force: true })
}
