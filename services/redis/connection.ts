import { Redis, type RedisOptions } from 'ioredis'
import { ConfigSchema } from '../config/schema.ts'
import { redactUrl } from '../config/redaction.ts'
import { endingRedis } from './ending-redis.ts'
import { parseUnixUrl, UNIX_SCHEME } from './redis-url.ts'
import { watchedRedis, type RedisDeadlines } from './watched-redis.ts'

export type { Redis }

const FIRST_RECONNECT_DELAY_MS = 1
const RECONNECT_DELAY_MS = 200

/** A Redis that loads its data guesses how long that takes, at first far too long: it is asked again at this pace instead. */
const LOADING_RETRY_DELAY_MS = 200

/** A connection is given up after as many timeouts without a byte, as after a failover that sent no reset. */
const SILENT_COMMANDS = 3

/** With `appendfsync everysec` a write may wait a second for its turn, and the disk may take as long again. */
export const FSYNC_PATIENCE_MS = 5_000

/** Longer than BullMQ ever blocks, which is 10 s. */
const WORKER_SILENCE_MS = 15_000
const WORKER_CONNECT_MS = 10_000

const DEFAULT_COMMAND_MS: number = ConfigSchema.properties.REDIS_COMMAND_TIMEOUT_MS.default

/** The address of Redis: a URL (redis://, rediss://, unix://) or the path of a unix socket. */
export type RedisAddress = string

/**
 * A connection that fails commands at once while Redis is away and after `commandMs` while it hangs. It reconnects for
 * ever and resends nothing: a second try is the caller's, with the same job id.
 */
export function connectForCommands (address: RedisAddress, commandMs = DEFAULT_COMMAND_MS): Redis {
  return connect(address, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: null }, {
    commandMs, connectMs: commandMs, silenceMs: SILENT_COMMANDS * commandMs, failsOnClose: true
  })
}

/** A connection on which writes are waited for until they are on the disk of Redis, which may take seconds. */
export function connectForSync (address: RedisAddress, commandMs = DEFAULT_COMMAND_MS): Redis {
  const patientMs = FSYNC_PATIENCE_MS + 2 * commandMs
  return connect(address, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }, {
    commandMs: patientMs, connectMs: commandMs, silenceMs: SILENT_COMMANDS * patientMs
  })
}

/** A connection for a BullMQ worker: it blocks on purpose and waits for Redis for as long as it takes. */
export function connectForWorker (address: RedisAddress): Redis {
  return connect(
    address, { maxRetriesPerRequest: null }, { connectMs: WORKER_CONNECT_MS, silenceMs: WORKER_SILENCE_MS }
  )
}

function connect (address: RedisAddress, options: RedisOptions, deadlines: RedisDeadlines): Redis {
  const shared: RedisOptions = {
    // At once, since it may have been the connection only; then at a pace that does no harm.
    retryStrategy: (attempt) => attempt === 1 ? FIRST_RECONNECT_DELAY_MS : RECONNECT_DELAY_MS,
    maxLoadingRetryTime: LOADING_RETRY_DELAY_MS,
    // A master that became a replica keeps its connections; the address leads to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    // Its own is a plain timer.
    connectTimeout: 0,
    ...options
  }
  return watchedRedis(endingRedis(newConnection(address, shared)), deadlines)
}

/** A connection with these options and no others. */
export function newConnection (address: RedisAddress, options: RedisOptions): Redis {
  if (address.startsWith('/')) return new Redis({ path: address, ...options })
  if (!address.startsWith(UNIX_SCHEME)) return new Redis(address, options)
  const socket = parseUnixUrl(address)
  // The configuration checks addresses when it is loaded; this one came another way.
  if (socket === undefined) throw new TypeError(`not the URL of a unix socket: ${redactUrl(address)}`)
  return new Redis({ ...socket, ...options })
}
