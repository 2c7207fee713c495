import { setTimeout as delay } from 'node:timers/promises'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import type { OwnershipLock } from './ownership-lock.ts'
import { STOP_DEADLINE_MS, type RedisServer, type ServerEnd } from './redis-server.ts'
import { connectionEnd, exchange, probeServer } from './server-probe.ts'
import { isRunning, readLiveServerRecord, removeServerRecord, type ServerRecord } from './server-record.ts'

const POLL_INTERVAL_MS = 25
const OWNER_CHECK_INTERVAL_MS = 1_000

/**
 * A server that outlived the process which owned it, and is ours now.
 *
 * @param record of the last server on the directory, if its process still runs
 */
export function adoptServer (pid: number, record: ServerRecord | undefined, options: EmbeddedRedisOptions, socketPath: string, signal: AbortSignal): RedisServer {
  const verified = record?.pid === pid ? record : undefined
  return {
    pid,
    ended: untilGone(pid, socketPath, signal),
    stop: () => shutDown(options, socketPath, verified)
  }
}

/** A server that another living process owns. We leave it alone. */
export function borrowServer (pid: number, lock: OwnershipLock, socketPath: string, signal: AbortSignal): RedisServer {
  const borrowed = new AbortController()
  const both = AbortSignal.any([signal, borrowed.signal])
  return {
    pid,
    ended: Promise.race([untilGone(pid, socketPath, both), untilOrphaned(lock, both)]).finally(() => { borrowed.abort() }),
    async stop () {}
  }
}

/** Ends a server that has no owner, if there is one. Only for the holder of the lock. */
export async function stopOrphan (options: EmbeddedRedisOptions, socketPath: string): Promise<void> {
  const record = readLiveServerRecord(options.dataDir)
  if (record === undefined && (await probeServer(socketPath)).state === 'absent') return
  await shutDown(options, socketPath, record)
}

/** The end of a connection tells at once, but not which server it was to: the next one may listen there already. */
async function untilGone (pid: number, socketPath: string, signal: AbortSignal): Promise<ServerEnd> {
  while (!signal.aborted) {
    const connection = new AbortController()
    const ended = connectionEnd(socketPath, AbortSignal.any([signal, connection.signal]))
    const probe = await probeServer(socketPath)
    if (probe.state === 'absent' || ('pid' in probe && probe.pid !== pid)) {
      connection.abort()
      break
    }
    await ended
    // It may hang, or have closed only this connection: CLIENT KILL does.
    if (probe.state === 'silent') await delay(POLL_INTERVAL_MS, undefined, { ref: false })
  }
  return { kind: 'gone' }
}

async function untilOrphaned (lock: OwnershipLock, signal: AbortSignal): Promise<ServerEnd> {
  do await delay(OWNER_CHECK_INTERVAL_MS, undefined, { ref: false, signal }).catch(() => {})
  while (!signal.aborted && !mayAcquire(lock))
  return { kind: 'orphaned' }
}

/** A lock that cannot be tried, for want of a descriptor or of disk, is tried again: a rejection would end the process. */
function mayAcquire (lock: OwnershipLock): boolean {
  try {
    return lock.tryAcquire()
  } catch {
    return false
  }
}

/** A command over the socket reaches the right server whatever its pid; a signal is sent only to a process we know. */
async function shutDown (options: EmbeddedRedisOptions, socketPath: string, verified: ServerRecord | undefined): Promise<void> {
  const isThere = async () => verified === undefined ? (await probeServer(socketPath)).state !== 'absent' : isRunning(verified)
  await exchange(socketPath, 'SHUTDOWN NOSAVE\r\n', () => false).catch(() => '')
  if (!await endsInTime(isThere, options) && verified !== undefined && isRunning(verified)) {
    process.kill(verified.pid, 'SIGKILL')
    await endsInTime(isThere, options)
  }
  removeServerRecord(options.dataDir)
}

async function endsInTime (isThere: () => Promise<boolean>, { stopDeadlineMs = STOP_DEADLINE_MS }: EmbeddedRedisOptions): Promise<boolean> {
  for (const deadline = performance.now() + stopDeadlineMs; performance.now() < deadline;) {
    if (!await isThere()) return true
    await delay(POLL_INTERVAL_MS, undefined, { ref: false })
  }
  return false
}
