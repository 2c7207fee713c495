import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { redactUrl } from '../../../services/config/redaction.ts'
import type { Config } from '../../../services/config/schema.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { shardRecordOf } from '../../../services/queue/shard-map.ts'
import { newConnection, type Redis } from '../../../services/redis/connection.ts'
import { redisAddressOf, type RedisAddress } from '../../../services/redis/redis-address.ts'
import { probeServer } from '../../../services/redis/embedded/server-probe.ts'
import { socketPathFor } from '../../../services/redis/embedded/socket-path.ts'
import { SERVER_BINARIES } from '../../../services/redis/embedded/spawned-server.ts'
import type { RedisDetails, RedisFacts } from '../facts.ts'
import { clusterFacts } from './cluster.ts'
import { refusedCommands } from './refused-commands.ts'

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

/** Examines the Redis that the service would use and the permissions of this user. Writes nothing. */
export async function gatherRedis (
  { REDIS_URL, DATA_DIR, NAMESPACE, ...keys }: Config,
  path: string | undefined
): Promise<RedisFacts> {
  const embedded = REDIS_URL === undefined ? embeddedSocket(DATA_DIR) : undefined
  if (REDIS_URL === undefined && (embedded === undefined || (await probeServer(embedded)).state === 'absent')) {
    return { state: 'not-started', hasBinary: hasServerBinary(path) }
  }
  const { REDIS_CLUSTER_NODES: nodes } = keys
  const where = embedded ?? (nodes === undefined ? redactUrl(REDIS_URL as string) : `the Cluster of ${nodes}`)
  const queueKeys = new QueueKeys(NAMESPACE)
  let address: RedisAddress
  try {
    address = embedded ?? redisAddressOf(REDIS_URL as string, keys, queueKeys.root)
  } catch (error) {
    return { state: 'unusable', reason: (error as Error).message }
  }
  const redis = connect(address)
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
      ...await examine(redis, queueKeys),
      cluster: await clusterFacts(redis, address)
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
    sentinelRetryStrategy: () => null,
    enableReadyCheck: false
  })
}

async function examine (redis: Redis, keys: QueueKeys): Promise<Omit<RedisDetails, 'cluster'>> {
  const pingMs: number[] = []
  for (let ping = 0; ping < PINGS; ping++) {
    const sentAt = performance.now()
    await redis.ping()
    pingMs.push(performance.now() - sentAt)
  }
  const askedAt = Date.now()
  const [seconds, microseconds] = await redis.time() as [number | string, number | string]
  const clockPrecisionMs = Math.max(1, (Date.now() - askedAt) / 2)
  return {
    info: await infoOf(redis), settings: await settingsOf(redis),
    refused: await refusedCommands(redis, keys.probe),
    shards: await redis.hgetall(keys.control).then(shardRecordOf, () => undefined),
    keysInRedis: await redis.hlen(keys.apiKeys).catch(() => undefined),
    // SET with XX on an absent key writes nothing, but Redis still reports whether it accepts writes.
    writeError: await answerOf(redis.set(keys.probe, '1', 'XX')),
    pingMs,
    clockAheadMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (askedAt + clockPrecisionMs),
    clockPrecisionMs
  }
}

/** Returns the message of the error that Redis answers with; undefined if it answers without one. */
async function answerOf (answer: Promise<unknown>): Promise<string | undefined> {
  return answer.then(() => undefined, (error: Error) => error.message)
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
