/*
 * How a process attaches to the Redis of a data directory. The process that holds the lock owns the server, and only it
 * may start the server; all others wait for the owner's server and borrow it.
 *
 *   does a server answer?   yes ──► lock ours?  no ──► borrowed
 *        │ no                            │ yes
 *        │                               └──► adopted (its owner was killed), or spawned before
 *        ▼
 *   lock ours, and no process of a server left?   yes ──► spawn one
 *        │
 *        └──► look again
 *
 * The owner holds the lock as long as it owns the server, so an append-only file never has two servers.
 */
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import type { OwnershipLock } from './ownership-lock.ts'
import { probeServer } from './server-probe.ts'
import { endServer, serverProcesses } from './server-processes.ts'
import { applySettings, rewriteFile } from './server-settings.ts'
import { prepareSocketFolder } from './socket-path.ts'
import { SpawnedServer, spawnServer, type ServerExit } from './spawned-server.ts'

const POLL_INTERVAL_MS = 25
const WATCH_INTERVAL_MS = 500
const ANSWER_DEADLINE_MS = 10_000
const LOADING_DEADLINE_MS = 120_000

/** A Redis server that this process uses, whether it started the server or not. */
export interface RedisServer {
  /** Resolves when the server has ended, or with undefined when its owner has. */
  readonly ended: Promise<ServerExit | undefined>
  readonly kill?: () => void
}

/**
 * Finds or starts the server of the data directory. If this process holds the lock afterwards, it has to stop the
 * server.
 *
 * @param signal ends the attempt, and later the watch of a server that is not a child process
 */
export async function attachServer (
  options: EmbeddedRedisOptions, socketPath: string, lock: OwnershipLock, signal: AbortSignal
): Promise<RedisServer> {
  const { dataDir, log } = options
  let deadline = performance.now() + ANSWER_DEADLINE_MS
  let isLoading = false
  let child: SpawnedServer | undefined
  try {
    for (;;) {
      signal.throwIfAborted()
      prepareSocketFolder(socketPath, dataDir)
      const isOwner = lock.tryAcquire()
      const probe = await probeServer(socketPath)
      if (probe.state === 'ready') {
        const found = { redisPid: probe.pid, socketPath }
        if (!isOwner) {
          log.info({ event: 'embedded-redis-borrowed', ...found }, 'using the embedded Redis of another process')
          return { ended: untilOrphaned(lock, signal) }
        }
        await applySettings(options, socketPath)
        if (child === undefined) {
          log.info({ event: 'embedded-redis-adopted', ...found },
            'took over the embedded Redis of a process that died')
          return { ended: untilGone(socketPath, signal) }
        }
        child.markReady()
        void child.cutOff.then(() => rewriteFile(options, socketPath))
        const { appendfsync } = options
        log.info({ event: 'embedded-redis-started', ...found, appendfsync }, 'started the embedded Redis')
        return child
      }
      if (child?.exit !== undefined) {
        const { code, signal: by, lastLines } = child.exit
        const what = `redis-server ended at once with ${by ?? `code ${code}`}:\n${lastLines}`
        throw new EmbeddedRedisError('EMBEDDED_REDIS_EXITED', what + remedyFor(lastLines, dataDir))
      }
      // A server that starts or hangs is a process that does not answer; it must not get a twin.
      if (isOwner && child === undefined && probe.state === 'absent' && serverProcesses(socketPath).length === 0) {
        child = await spawnServer(options, socketPath, signal)
      }
      if (probe.state === 'loading' && !isLoading) {
        isLoading = true
        deadline = performance.now() + LOADING_DEADLINE_MS
        log.info({ event: 'embedded-redis-loading' }, 'the embedded Redis is loading its append-only file')
      }
      if (performance.now() > deadline) {
        throw new EmbeddedRedisError('EMBEDDED_REDIS_UNRESPONSIVE', unresponsive(socketPath, isLoading))
      }
      await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {})
    }
  } catch (error) {
    if (child !== undefined) await endServer(socketPath, options.stopDeadlineMs)
    child?.kill()
    throw error
  }
}

/** Returns how to mend a file that Redis refuses; empty for any other end. */
function remedyFor (lastLines: string | undefined, dataDir: string): string {
  if (!lastLines?.includes('Bad file format reading the append only file')) return ''
  const folder = resolve(dataDir, 'appendonlydir')
  return `\nThe append-only file is damaged. Copy the folder ${folder}, then run ` +
    `redis-check-aof --fix ${join(folder, 'appendonly.aof.manifest')}; ` +
    'everything after the first broken command is lost (docs/BACKPRESSURE-HANDLING.md#redis).'
}

function unresponsive (socketPath: string, isLoading: boolean): string {
  return isLoading
    ? `the Redis behind ${socketPath} is still loading its append-only file after ${LOADING_DEADLINE_MS} ms`
    : `the Redis behind ${socketPath} has not answered within ${ANSWER_DEADLINE_MS} ms`
}

/**
 * No other process starts a server while this one holds the lock, so an absent socket means that the server is gone.
 */
async function untilGone (socketPath: string, signal: AbortSignal): Promise<ServerExit> {
  do await watchInterval(signal)
  while (!signal.aborted && (await probeServer(socketPath)).state !== 'absent')
  return {}
}

async function untilOrphaned (lock: OwnershipLock, signal: AbortSignal): Promise<undefined> {
  do await watchInterval(signal)
  while (!signal.aborted && !mayAcquire(lock))
}

/** Without a free descriptor or disk space the lock is tried again later: a rejection would end the process. */
function mayAcquire (lock: OwnershipLock): boolean {
  try {
    return lock.tryAcquire()
  } catch {
    return false
  }
}

async function watchInterval (signal: AbortSignal): Promise<void> {
  await delay(WATCH_INTERVAL_MS, undefined, { ref: false, signal }).catch(() => {})
}
