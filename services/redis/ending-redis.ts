import { Redis, type RedisOptions } from 'ioredis'

/**
 * A connection whose `disconnect` always ends it. Between two attempts to connect ioredis just forgets it: commands
 * stay unanswered, and a BullMQ worker never closes.
 */
export function endingRedis (redis: Redis): Redis {
  const disconnect = redis.disconnect.bind(redis)
  const duplicate = redis.duplicate.bind(redis)
  return Object.assign(redis, {
    disconnect (shouldReconnect = false) {
      const isBetweenAttempts = redis.status === 'reconnecting'
      disconnect(shouldReconnect)
      if (!isBetweenAttempts || shouldReconnect) return
      // An attempt that is broken off before it began ends a connection in order.
      redis.connect().catch(() => {})
      disconnect()
    },
    duplicate: (override?: Partial<RedisOptions>) => endingRedis(duplicate(override) as Redis)
  })
}
