import { Redis, type RedisOptions } from 'ioredis'

/**
 * Returns a connection whose `disconnect` always ends it. Between two attempts ioredis only cancels the next one:
 * commands stay unanswered, and a BullMQ worker never closes.
 */
export function endingRedis (redis: Redis): Redis {
  const disconnect = redis.disconnect.bind(redis)
  const duplicate = redis.duplicate.bind(redis)
  return Object.assign(redis, {
    disconnect (shouldReconnect = false) {
      const isBetweenAttempts = redis.status === 'reconnecting'
      disconnect(shouldReconnect)
      if (!isBetweenAttempts || shouldReconnect) return
      // A new attempt that is cancelled immediately ends the connection properly.
      redis.connect().catch(() => {})
      disconnect()
    },
    duplicate: (override?: Partial<RedisOptions>) => endingRedis(duplicate(override) as Redis)
  })
}
