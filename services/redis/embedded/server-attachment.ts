/*
 * How a process gets at the Redis of a data directory. The process that holds the lock owns the server and is the only
 * one that may start it; everyone else waits for the owner's server and borrows it.
 *
 *   lock ours?  no ──► somebody owns it: wait until its server answers ─────────────► borrowed
 *        │ yes
 *        ▼
 *   is there a server already? (its owner was killed)  yes ──► wait until it answers ──► adopted
 *        │ no: nothing answers and the recorded process has ended
 *        ▼
 *   start one, record its pid, wait until it answers ───────────────────────────────► spawned
 *
 * The lock is kept for as long as the server is ours, so an append-only file never has two servers.
 */
import { adoptServer, borrowServer } from './found-server.ts'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import type { OwnershipLock } from './ownership-lock.ts'
import { Patience } from './patience.ts'
import type { RedisServer } from './redis-server.ts'
import { limitMemory } from './server-memory.ts'
import { exchange, probeServer } from './server-probe.ts'
import { readLiveServerRecord } from './server-record.ts'
import { prepareSocketFolder } from './socket-path.ts'
import { spawnServer, type SpawnedServer } from './spawned-server.ts'

export interface AttachmentContext {
  readonly options: EmbeddedRedisOptions
  readonly socketPath: string
  readonly lock: OwnershipLock
  /** Ends the attempt, and later the watching of a server that is not our child. */
  readonly signal: AbortSignal
}

/** Finds or starts the server of the data directory. With the lock held afterwards the server is ours to stop. */
export async function attachServer (context: AttachmentContext): Promise<RedisServer> {
  const { options, socketPath, lock, signal } = context
  prepareSocketFolder(socketPath, options.dataDir)
  const patience = new Patience(socketPath, options.log)
  for (;;) {
    signal.throwIfAborted()
    if (lock.tryAcquire()) return await adoptOrSpawn(context, patience)
    const probe = await probeServer(socketPath)
    if (probe.state === 'ready') {
      options.log.info({ event: 'embedded-redis-borrowed', redisPid: probe.pid, socketPath }, 'using the embedded Redis of another process')
      return borrowServer(probe.pid, lock, socketPath, signal)
    }
    await patience.wait(probe.state, signal)
  }
}

async function adoptOrSpawn (context: AttachmentContext, patience: Patience): Promise<RedisServer> {
  const { options, socketPath, signal } = context
  for (;;) {
    const record = readLiveServerRecord(options.dataDir)
    const probe = await probeServer(socketPath)
    if (probe.state === 'ready') {
      options.log.info({ event: 'embedded-redis-adopted', redisPid: probe.pid, socketPath }, 'took over the embedded Redis that a process which died had left running')
      await applySettings(options, socketPath)
      return adoptServer(probe.pid, record, options, socketPath, signal)
    }
    if (probe.state === 'absent' && record === undefined) return await spawnReady(context, patience)
    await patience.wait(probe.state, signal)
  }
}

/** The server was started with the settings of the process that died. */
async function applySettings (options: EmbeddedRedisOptions, socketPath: string): Promise<void> {
  const { appendfsync, log } = options
  await limitMemory(options, socketPath)
  const reply = await exchange(socketPath, `CONFIG SET appendfsync ${appendfsync}\r\n`, (text) => text.endsWith('\r\n')).catch(String)
  if (!reply.startsWith('+OK')) log.warn({ event: 'embedded-redis-setting', appendfsync, reply }, 'the embedded Redis did not take a setting')
}

async function spawnReady ({ options, socketPath, signal }: AttachmentContext, patience: Patience): Promise<SpawnedServer> {
  prepareSocketFolder(socketPath, options.dataDir)
  const server = await spawnServer(options, socketPath)
  try {
    await untilReady(server, socketPath, patience, signal)
  } catch (error) {
    await server.stop()
    throw error
  }
  await limitMemory(options, socketPath)
  server.markReady()
  options.log.info({ event: 'embedded-redis-started', redisPid: server.pid, socketPath, appendfsync: options.appendfsync }, 'started the embedded Redis')
  return server
}

async function untilReady (server: SpawnedServer, socketPath: string, patience: Patience, signal: AbortSignal): Promise<void> {
  const failed = server.ended.then((end) => {
    if (end.kind !== 'exited') return
    throw new EmbeddedRedisError('EMBEDDED_REDIS_EXITED', `redis-server ended at once with ${end.signal ?? `code ${end.code}`}:\n${end.lastLines}`)
  })
  // It also rejects when the server ends some day after it was ready; then there is nobody left to tell.
  failed.catch(() => {})
  for (;;) {
    const probe = await Promise.race([probeServer(socketPath), failed])
    if (probe?.state === 'ready') return
    await Promise.race([patience.wait(probe?.state ?? 'absent', signal), failed])
  }
}
