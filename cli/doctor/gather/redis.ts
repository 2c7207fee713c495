import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { redactUrl } from '../../../services/config/redaction.ts'
import type { Config } from '../../../services/config/schema.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { newConnection, type Redis } from '../../../services/redis/connection.ts'
import { redisAddressOf, type RedisAddress } from '../../../services/redis/redis-address.ts'
import { probeServer } from '../../../services/redis/embedded/server-probe.ts'
import { socketPathFor } from '../../../services/redis/embedded/socket-path.ts'
import { SERVER_BINARIES } from '../../../services/redis/embedded/spawned-server.ts'
import type { RedisDetails, RedisFacts } from '../facts.ts'

const TIMEOUT_MS = 3_000
const PINGS = 7

const SETTINGS = [
  'maxmemory',
  'maxmemory-policy',
  'appendonly',
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'save',
  'maxclients'
] as const

/**
 * The commands that a user of Redis must be able to run, with arguments that change nothing: an absent key, an unknown
 * script.
 */
const COMMANDS: readonly { name: string, args: (probe: string) => readonly string[], neededFor: string }[] = [
  {
    name: 'EVALSHA',
    args: (probe) => ['0'.repeat(40), '1', probe],
    neededFor: 'Spillway stores and settles every event with a script'
  },
  {
    name: 'SCRIPT EXISTS',
    args: () => ['0'.repeat(40)],
    neededFor: 'Spillway looks for scripts before it uses them in a transaction'
  },
  { name: 'BZPOPMIN', args: (probe) => [probe, '0.01'], neededFor: 'workers wait for batches' },
  {
    name: 'XADD',
    args: (probe) => [probe, 'NOMKSTREAM', '*', 'field', 'value'],
    neededFor: 'BullMQ writes its events'
  },
  { name: 'INFO', args: () => ['server'], neededFor: 'Spillway reads version, memory and persistence with it' },
  { name: 'CONFIG GET', args: () => ['maxmemory-policy'], neededFor: 'Spillway reads the settings of Redis with it' },
  { name: 'CLIENT LIST', args: () => [], neededFor: 'it shows operators which clients are connected' }
]

/** Examines the Redis that the service would use and the permissions of this user. Writes nothing. */
export async function gatherRedis (
  { REDIS_URL, DATA_DIR, NAMESPACE, ...files }: Config,
  path: string | undefined
): Promise<RedisFacts> {
  const embedded = REDIS_URL === undefined ? embeddedSocket(DATA_DIR) : undefined
  if (REDIS_URL === undefined && (embedded === undefined || (await probeServer(embedded)).state === 'absent')) {
    return { state: 'not-started', hasBinary: hasServerBinary(path) }
  }
  const where = embedded ?? redactUrl(REDIS_URL as string)
  const redis = connect(embedded ?? redisAddressOf(REDIS_URL as string, files))
  // The first error names the cause; later commands fail because of it.
  let failure: Error | undefined
  redis.on('error', (error: Error) => { failure ??= error })
  try {
    await redis.connect()
    await redis.ping()
    return {
      state: 'reached',
      where,
      isEmbedded: embedded !== undefined,
      ...await examine(redis, new QueueKeys(NAMESPACE).probe)
    }
  } catch (error) {
    return { state: 'unreachable', where, reason: (failure ?? error as Error).message }
  } finally {
    redis.disconnect()
  }
}

function connect (address: RedisAddress): Redis {
  return newConnection(address, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false
  })
}

/** @param probe an absent key */
async function examine (redis: Redis, probe: string): Promise<RedisDetails> {
  const pingMs: number[] = []
  for (let ping = 0; ping < PINGS; ping++) {
    const sentAt = performance.now()
    await redis.ping()
    pingMs.push(performance.now() - sentAt)
  }
  const askedAt = Date.now()
  const [seconds, microseconds] = await redis.time() as [number | string, number | string]
  const clockPrecisionMs = Math.max(1, (Date.now() - askedAt) / 2)
  const refused: RedisDetails['refused'][number][] = []
  for (const { name, args, neededFor } of COMMANDS) {
    const [command, ...subcommand] = name.split(' ') as [string, ...string[]]
    const error = await answerOf(redis.call(command, ...subcommand, ...args(probe)))
    if (error !== undefined && isForbidden(error)) refused.push({ command: name, neededFor, error })
  }
  return {
    info: await infoOf(redis), settings: await settingsOf(redis), refused,
    // SET with XX on an absent key writes nothing, but Redis still reports whether it accepts writes.
    writeError: await answerOf(redis.set(probe, '1', 'XX')),
    pingMs,
    clockAheadMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (askedAt + clockPrecisionMs),
    clockPrecisionMs
  }
}

/** Returns the message of the error that Redis answers with; undefined if it answers without one. */
async function answerOf (answer: Promise<unknown>): Promise<string | undefined> {
  return answer.then(() => undefined, (error: Error) => error.message)
}

function isForbidden (message: string): boolean {
  return /^(NOPERM|ERR unknown (sub)?command|ERR (this )?command .*not (allowed|permitted|available))/i.test(message)
}

async function infoOf (redis: Redis): Promise<RedisDetails['info']> {
  const text = await redis.info().catch(() => undefined)
  return text === undefined
    ? undefined
    : Object
      .fromEntries([...text.matchAll(/^([a-z0-9_]+):(.*?)\r?$/gm)].map((
        [, name, value]
      ) => [name as string, value as string]))
}

async function settingsOf (redis: Redis): Promise<RedisDetails['settings']> {
  try {
    const answers = await Promise.all(SETTINGS.map((name) => redis.config('GET', name) as Promise<string[]>))
    return Object.fromEntries(answers.flatMap(([name, value]) =>
      name === undefined || value === undefined ? [] : [[name, value]]
    ))
  } catch {
    return undefined
  }
}

/** Returns the socket of an embedded Redis of this folder; undefined if the folder does not exist yet. */
function embeddedSocket (dataDir: string): string | undefined {
  const folder = resolve(dataDir)
  return existsSync(folder) ? socketPathFor(realpathSync(folder)) : undefined
}

function hasServerBinary (path = ''): boolean {
  return path.split(delimiter).some((folder) => SERVER_BINARIES.some((name) => existsSync(join(folder, name))))
}
