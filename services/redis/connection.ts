import { Redis, type RedisOptions } from 'ioredis'
import { endingRedis } from './ending-redis.ts'

export type { Redis }

/** Time in which Redis has to answer a command. A hung Redis fails requests after this, instead of holding them. */
export const COMMAND_TIMEOUT_MS = 1_000

const FIRST_RECONNECT_DELAY_MS = 1
const RECONNECT_DELAY_MS = 200

/** A Redis that loads its data guesses how long that takes, at first far too long: it is asked again at this pace instead. */
const LOADING_RETRY_DELAY_MS = 200

const SYNC_COMMAND_TIMEOUT_MS = 7_000

/** Longer than BullMQ ever blocks, which is 10 s. */
const WORKER_SOCKET_TIMEOUT_MS = 15_000

/** Where Redis is: a URL (redis://, rediss://, unix://) or the path of a unix socket. */
export type RedisAddress = string

/**
 * A connection for commands: it fails at once while Redis is away and after a second while Redis hangs, and reconnects by
 * itself for ever. Nothing is resent behind the caller's back; who wants a second try does it with the same job id.
 */
export function connectForCommands (address: RedisAddress): Redis {
  return connect(address, {
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    // A connection that went silent, as after a failover that sent no reset, is given up and made anew.
    socketTimeout: 3 * COMMAND_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null
  })
}

/** A connection on which writes are waited for until they are on the disk of Redis, which may take seconds. */
export function connectForSync (address: RedisAddress): Redis {
  return connect(address, {
    commandTimeout: SYNC_COMMAND_TIMEOUT_MS, connectTimeout: COMMAND_TIMEOUT_MS, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0
  })
}

/** A connection for a BullMQ worker: it blocks on purpose and waits for Redis for as long as it takes. */
export function connectForWorker (address: RedisAddress): Redis {
  return connect(address, { maxRetriesPerRequest: null, socketTimeout: WORKER_SOCKET_TIMEOUT_MS })
}

function connect (address: RedisAddress, options: RedisOptions): Redis {
  const shared: RedisOptions = {
    // At once, since it may have been the connection only; then at a pace that does no harm.
    retryStrategy: (attempt) => attempt === 1 ? FIRST_RECONNECT_DELAY_MS : RECONNECT_DELAY_MS,
    maxLoadingRetryTime: LOADING_RETRY_DELAY_MS,
    // A master that became a replica keeps its connections; the address leads to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...options
  }
  return endingRedis(newConnection(address, shared))
}

/** A connection with these options and no others. */
export function newConnection (address: RedisAddress, options: RedisOptions): Redis {
  const path = address.startsWith('unix://') ? decodeURIComponent(new URL(address).pathname) : address
  return path.startsWith('/') ? new Redis({ path, ...options }) : new Redis(address, options)
}
