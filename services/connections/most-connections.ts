import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The limit of a system that does not tell its own. */
const DEFAULT_OPEN_FILES = 1_024

/** Files and sockets that are not connections of clients: Redis, the spool, the log, Node itself. */
const RESERVE = 64

/** More would fit into the limit of most systems, and not into memory. */
const MOST_DERIVED = 16_384

/** The number of files and sockets that this process may have open. */
export function openFileLimit (): number {
  return limitIn(procLimits() ?? shellLimit()) ?? DEFAULT_OPEN_FILES
}

/**
 * The connections of clients that fit beside the reserve and one to the consumer for each batch, at least half;
 * `configured` 0 leaves it to the limit.
 */
export function mostConnections (configured: number, openFiles: number, batchesInWork: number): number {
  const room = Math.max(openFiles - RESERVE - batchesInWork, Math.floor(openFiles / 2))
  return Math.min(room, configured === 0 ? MOST_DERIVED : configured)
}

/** The first number of `Max open files  1024  524288  files`, or of what `ulimit -n` prints. */
export function limitIn (text: string): number | undefined {
  const [, soft] = /^(?:Max open files\s+)?(\d+)\b/m.exec(/^Max open files.*$/m.exec(text)?.[0] ?? text) ?? []
  return soft === undefined ? undefined : Number(soft)
}

function procLimits (): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
}

function shellLimit (): string {
  return spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'latin1' }).stdout ?? ''
}
