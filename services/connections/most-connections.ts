import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The assumed limit if the system does not report one. */
const DEFAULT_OPEN_FILES = 1_024

/** Files and sockets that are not connections of clients: Redis, the spool, the log, Node itself. */
const RESERVE = 64

/** Most systems allow more, but memory does not. */
const MOST_DERIVED = 16_384

/** Returns the number of files and sockets that this process may have open. */
export function openFileLimit (): number {
  return limitIn(procLimits() ?? shellLimit()) ?? DEFAULT_OPEN_FILES
}

/**
 * Returns the bound on connections of clients: the limit without the reserve and one connection to the consumer for
 * each batch, but at least half of the limit. `configured` wins unless it is 0.
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
