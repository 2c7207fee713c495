import type { Config } from '../../config/schema.ts'
import type { EmbeddedRedisLog } from './embedded-redis-options.ts'
import { EmbeddedRedis } from './embedded-redis.ts'

/** Returns the embedded Redis of the configured data directory; it is not started. */
export function configuredRedis (
  { DATA_DIR, REDIS_APPENDFSYNC, REDIS_MAXMEMORY_BYTES }: Config, log: EmbeddedRedisLog
): EmbeddedRedis {
  return new EmbeddedRedis({
    dataDir: DATA_DIR,
    appendfsync: REDIS_APPENDFSYNC,
    ...(REDIS_MAXMEMORY_BYTES > 0 && { maxmemoryBytes: REDIS_MAXMEMORY_BYTES }),
    log
  })
}
