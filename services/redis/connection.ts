import { Redis, type RedisOptions } from 'ioredis'
import { ConfigSchema } from '../config/schema.ts'
import { redactUrl } from '../config/redaction.ts'
import { askNode, NODE_MS } from './cluster/cluster-view.ts'
import { slotConnector } from './cluster/slot-connector.ts'
import { SlotOwner } from './cluster/slot-owner.ts'
import { endingRedis } from './ending-redis.ts'
import type { ClusterSlot, RedisAddress, RedisTls, Sentinels } from './redis-address.ts'
import { parseUnixUrl, UNIX_SCHEME } from './redis-url.ts'
import { watchedRedis, type RedisDeadlines } from './watched-redis.ts'

export type { Redis }

const FIRST_RECONNECT_DELAY_MS = 1
const RECONNECT_DELAY_MS = 200

/**
 * While Redis loads its data, its estimates of the remaining time are at first far too long, so the client retries at
 * this interval.
 */
const LOADING_RETRY_DELAY_MS = 200

/** A connection is closed after this many time-outs without a byte, as after a failover without a reset. */
const SILENT_COMMANDS = 3

/** With `appendfsync everysec` a write may wait a second for its sync, and a slow disk may take seconds more. */
export const FSYNC_PATIENCE_MS = 5_000

/** Longer than BullMQ ever blocks, which is 10 s. */
const WORKER_SILENCE_MS = 15_000
const WORKER_CONNECT_MS = 10_000

/** How long a Sentinel may take, so that the next one is asked. Asking it is no request of a producer. */
const SENTINEL_MS = 1_000

const DEFAULT_COMMAND_MS: number = ConfigSchema.properties.REDIS_COMMAND_TIMEOUT_MS.default

/**
 * Returns a connection that fails commands immediately while Redis is unreachable, and after `commandMs` while it
 * hangs. It reconnects forever and resends nothing: the caller may try again with the same job id.
 */
export function connectForCommands (address: RedisAddress, commandMs = DEFAULT_COMMAND_MS): Redis {
  return connect(address, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null
  }, {
    commandMs,
    connectMs: commandMs,
    silenceMs: SILENT_COMMANDS * commandMs,
    failsOnClose: true
  })
}

/** Returns a connection for writes that wait for the disk of Redis, which may take seconds. */
export function connectForSync (address: RedisAddress, commandMs = DEFAULT_COMMAND_MS): Redis {
  const patientMs = FSYNC_PATIENCE_MS + 2 * commandMs
  return connect(address, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }, {
    commandMs: patientMs, connectMs: commandMs, silenceMs: SILENT_COMMANDS * patientMs
  })
}

/** Returns a connection for a BullMQ worker: it blocks on purpose and waits for Redis indefinitely. */
export function connectForWorker (address: RedisAddress): Redis {
  return connect(
    address, { maxRetriesPerRequest: null }, { connectMs: WORKER_CONNECT_MS, silenceMs: WORKER_SILENCE_MS }
  )
}

/**
 * Returns a connection for messages: Redis may be silent on it for as long as it likes. Its owner subscribes on each
 * `ready`: if the client does it and the connection is closed before the answer, nobody handles the error.
 */
export function connectForMessages (address: RedisAddress): Redis {
  return connect(
    address, { maxRetriesPerRequest: null, autoResubscribe: false },
    { connectMs: WORKER_CONNECT_MS, silenceMs: WORKER_SILENCE_MS }
  )
}

function connect (address: RedisAddress, options: RedisOptions, deadlines: RedisDeadlines): Redis {
  const shared: RedisOptions = {
    // Soon at first, since only the connection may have failed; then at an interval that does not load Redis.
    retryStrategy: (attempt) => attempt === 1 ? FIRST_RECONNECT_DELAY_MS : RECONNECT_DELAY_MS,
    maxLoadingRetryTime: LOADING_RETRY_DELAY_MS,
    // A master that became a replica keeps its connections; reconnecting leads to the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    // The client's own time-out is a plain timer.
    connectTimeout: 0,
    ...options
  }
  return watchedRedis(endingRedis(newConnection(address, shared)), deadlines)
}

/** Returns a connection with exactly these options. */
export function newConnection (address: RedisAddress, options: RedisOptions): Redis {
  if (typeof address === 'object') {
    const { url, tls, sentinels, cluster } = address
    if (cluster !== undefined) {
      return new Redis({
        ...options, ...throughCluster(url, tls, cluster), connectTimeout: options.connectTimeout || NODE_MS
      })
    }
    return sentinels === undefined
      ? new Redis(url, { ...(tls !== undefined && { tls }), ...options })
      : new Redis({
        ...throughSentinels(url, tls, sentinels), ...options, connectTimeout: options.connectTimeout || SENTINEL_MS
      })
  }
  if (address.startsWith('/')) return new Redis({ path: address, ...options })
  if (!address.startsWith(UNIX_SCHEME)) return new Redis(address, options)
  const socket = parseUnixUrl(address)
  // The configuration checks its addresses; this one is from another source.
  if (socket === undefined) throw new TypeError(`not the URL of a unix socket: ${redactUrl(address)}`)
  return new Redis({ ...socket, ...options })
}

/** @param url only its scheme, user, password and database count */
function throughSentinels (url: string, tls: RedisTls | undefined, { nodes, name, password }: Sentinels): RedisOptions {
  const { pathname } = new URL(url)
  const { tls: ownTls, ...user } = credentialsOf(url, tls)
  return {
    sentinels: [...nodes],
    name,
    ...user,
    ...(password !== undefined && { sentinelPassword: password }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
    ...(ownTls !== undefined && { tls: ownTls, sentinelTLS: ownTls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: SENTINEL_MS,
    // A master that hangs is left after SILENT_COMMANDS. The client's own detector of a failover would be sooner, but it
    // ends a connection for good that is being established at that moment.
    sentinelRetryStrategy: () => RECONNECT_DELAY_MS
  }
}

/** @param url only its scheme, user and password count */
function throughCluster (url: string, tls: RedisTls | undefined, { nodes, slot }: ClusterSlot): RedisOptions {
  const credentials = credentialsOf(url, tls)
  const owner = new SlotOwner(slot, nodes, (node) => askNode(node, slot, credentials))
  return { ...credentials, Connector: slotConnector(owner) }
}

function credentialsOf (url: string, tls: RedisTls = {}): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  const { protocol, username, password } = new URL(url)
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls })
  }
}
