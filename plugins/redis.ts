import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { throttled } from '../services/logging/throttled-log.ts'
import { FIRST_SHARD } from '../services/queue/batch.ts'
import { QueueKeys } from '../services/queue/keys.ts'
import { connectForCommands, type Redis } from '../services/redis/connection.ts'
import { configuredRedis } from '../services/redis/embedded/configured-redis.ts'
import { redisAddressOf, type RedisAddress } from '../services/redis/redis-address.ts'
import { redisRemedy } from '../services/redis/redis-remedy.ts'

declare module 'fastify' {
  interface FastifyInstance {
    redis: Redis
    redisAddress: RedisAddress
  }
}

export default fp(async (fastify) => {
  const { REDIS_URL: url, NAMESPACE } = fastify.config
  const address = url === undefined
    ? await startEmbeddedRedis()
    : redisAddressOf(url, fastify.config, new QueueKeys(NAMESPACE, FIRST_SHARD).root)
  const remedyOf = ({ message }: Error) => fastify.config.REDIS_URL === undefined
    ? 'it is embedded, and Spillway restarts it automatically'
    : redisRemedy(message)
  const redis = connectForCommands(address, fastify.config.REDIS_COMMAND_TIMEOUT_MS)
  redis.on('error', throttled((error, suppressed) => {
    fastify.log.error({ event: 'redis-error', err: error, suppressed }, `Redis cannot be used; ${remedyOf(error)}`)
  }, () => performance.now()))
  redis.on('ready', () => fastify.log.info({ event: 'redis-ready' }, 'connected to Redis'))
  fastify.decorate('redis', redis)
  fastify.decorate<RedisAddress>('redisAddress', address)
  fastify.addHook('onClose', async () => redis.disconnect())

  async function startEmbeddedRedis (): Promise<RedisAddress> {
    const embedded = configuredRedis(fastify.config, fastify.log as Logger)
    await embedded.start()
    fastify.addHook('onClose', () => embedded.stop())
    return embedded.socketPath
  }
}, { name: 'redis', dependencies: ['config'] })
