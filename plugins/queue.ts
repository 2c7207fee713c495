import fp from 'fastify-plugin'
import { throttled } from '../services/logging/throttled-log.ts'
import { showCounter } from '../services/metrics/shown.ts'
import { weightOf } from '../services/organizations/fair-weight.ts'
import { FairOrder } from '../services/organizations/fair-order.ts'
import { Shards } from '../services/queue/shards.ts'
import { IdLife } from '../services/queue/id-life.ts'
import type { Damage } from '../services/queue/repair.ts'
import { QueueMonitor } from '../services/queue/queue-monitor.ts'
import { SyncedQueue } from '../services/queue/synced-queue.ts'
import { connectorOf } from '../services/queue/shard-connections.ts'
import { connectForCommands, connectForMessages, connectForSync, type Redis } from '../services/redis/connection.ts'
import type { RedisAddress } from '../services/redis/redis-address.ts'

declare module 'fastify' {
  interface FastifyInstance {
    queue: Shards
    /** Stores events that have to be on the disk of Redis. */
    syncedQueue: SyncedQueue
    queueMonitor: QueueMonitor
    /** The order of batches within a priority. */
    fairOrder: FairOrder
    /** How long Redis currently remembers ids. */
    idLife: IdLife
  }
}

/** Has no numbers, since throttling compares messages: it is logged at most every 10 s. */
const SHORTENED =
  new Error('too many ids: Spillway remembers new ones for less than IDEMPOTENCY_TTL_MS; give Redis more memory, or raise IDEMPOTENCY_MAX_IDS')

/** The remedy for a user of Redis without the right to channels. */
const ALLOW = 'allow its user PUBLISH, SUBSCRIBE and the channels of the namespace, which npx spillway doctor names'

export default fp(async (fastify) => {
  const onError = throttled((error, suppressed) => {
    fastify.log.error({ event: 'queue-error', err: error, suppressed }, 'the queue reported an error')
  }, () => performance.now())
  const { config } = fastify
  let damagedEvents = 0
  const onDamage = (damage: Damage) => {
    const { batch, key, keptAs } = damage
    if (batch !== undefined) {
      damagedEvents += batch.events
      const { id, priority, events } = batch
      fastify.log.error(
        { event: 'batch-damaged', batch: id, priority, events, key, keptAs },
        'a batch in Redis is not as it was written; Spillway delivers none of its events and keeps its job aside'
      )
      return
    }
    fastify.log.error({ event: 'key-damaged', ...damage }, keptAs === undefined
      ? `an entry of ${key} in Redis cannot be read; Spillway skips it`
      : `${key} in Redis had the wrong type; Spillway renamed it to ${keptAs} and builds it again`)
  }
  showCounter(fastify.metricsRegistry, {
    name: 'spillway_queue_damaged_events_total',
    help: 'Events of batches that were damaged in Redis and set aside by this process',
    read: () => damagedEvents
  })
  const idLife = new IdLife({ ttlMs: config.IDEMPOTENCY_TTL_MS, mostIds: config.IDEMPOTENCY_MAX_IDS })
  const onCorrected = (events: number) => {
    fastify.log.warn(
      { event: 'ledger-corrected', events },
      `the ledger was off by ${events} events; Spillway corrected it`
    )
  }
  // Nothing is added before the plugins that follow have set their decorators.
  const fairOrder = new FairOrder({
    mode: () => fastify.settings.current.settings.control.fairOrder,
    costOf: (type) => fastify.typeCosts.of(type),
    weightOf: (organizationId) => weightOf(fastify.settings.current.settings, organizationId)
  })
  const options = {
    onDamage,
    onUnpublished: () => fastify.log.warn(
      { event: 'readings-unpublished' },
      `Redis does not let Spillway publish its readings of the queue, so each process reads it; ${ALLOW}`
    ),
    onCorrected,
    fairOrder,
    lowPatienceMs: () => fairOrder.isOn ? fastify.settings.current.settings.control.budgetsMs.low : undefined,
    idempotencyTtlMs: config.IDEMPOTENCY_TTL_MS,
    idLife,
    receiptTtlMs: config.RECEIPT_TTL_MS,
    mostReceipts: config.RECEIPT_MAX_BATCHES,
    queueShards: config.QUEUE_SHARDS,
    turnEvents: config.BATCH_MAX_EVENTS,
    hardLimit: () => fastify.backpressure.signals.thresholds.hardLimit
  }
  const timeoutMs = config.REDIS_COMMAND_TIMEOUT_MS
  const connect = (open: (address: RedisAddress) => Redis) =>
    connectorOf(fastify.redisAddress, config.NAMESPACE, (address) => open(address).on('error', onError))
  const queue = new Shards(fastify.redis, config.NAMESPACE, {
    ...options, connect: connect((address) => connectForCommands(address, timeoutMs))
  }, onError)
  const syncedQueue = new SyncedQueue({
    queue,
    redis: fastify.redis,
    now: () => performance.now(),
    replicas: config.REDIS_SYNC_REPLICAS,
    open: () => {
      const redis = connectForSync(fastify.redisAddress, timeoutMs)
      redis.on('error', onError)
      const own = new Shards(redis, config.NAMESPACE, {
        ...options, map: queue.map, connect: connect((address) => connectForSync(address, timeoutMs))
      }, onError)
      return {
        queue: own,
        connectionsOf: (batches) => own.connectionsOf(batches),
        close: async () => { await own.close(); redis.disconnect() }
      }
    }
  })
  const monitor = new QueueMonitor({
    queue,
    intervalMs: config.QUEUE_SAMPLE_INTERVAL_MS,
    now: () => performance.now(),
    openFeed: () => connectForMessages(fastify.redisAddress),
    onFeedRefused: (error) => fastify.log.warn(
      { event: 'readings-unheard', err: error },
      `Redis does not let this process hear the readings of another one, so it reads the queue itself; ${ALLOW}`
    ),
    onListenerFailed: throttled((error, suppressed) => {
      fastify.log.error(
        { event: 'reading-listener-failed', err: error, suppressed },
        'a part of the service failed on a reading of the queue; the other parts continue'
      )
    }, () => performance.now())
  })
  const logShortened = throttled(({ message }, suppressed) => {
    const ids = monitor.reading?.rememberedIds
    fastify.log.warn({ event: 'ids-remembered-shorter', ids, lifeMs: idLife.ms, suppressed }, message)
  }, () => performance.now())
  monitor.onReading(({ rememberedIds, memory }) => {
    idLife.observe(rememberedIds, memory)
    if (idLife.isShortened) logShortened(SHORTENED)
  })
  let known = ''
  monitor.onReading(({ awayShards = [] }) => {
    if (awayShards.join() === known) return
    known = awayShards.join()
    if (known === '') fastify.log.info({ event: 'shard-back' }, 'all shards of the queue are read again')
    else {
      fastify.log.error(
        { event: 'shard-away', shards: awayShards },
        'a shard of the queue cannot be read: Spillway refuses or spools its events, and the other shards go on'
      )
    }
  })
  fastify.decorate('fairOrder', fairOrder)
  fastify.decorate('idLife', idLife)
  fastify.decorate('queue', queue)
  fastify.decorate('syncedQueue', syncedQueue)
  fastify.decorate('queueMonitor', monitor)
  // Otherwise requests in this moment would wait until the next reading fails.
  const onClose = () => monitor.lose(new Error('the connection to Redis is closed'))
  fastify.redis.on('close', onClose)
  // The plugins that listen to readings have to be registered first.
  // A process that takes requests knows the queue, unless Redis is away.
  fastify.addHook('onReady', () => monitor.begin())
  fastify.addHook('onClose', async () => {
    await monitor.stop()
    // The process closes this connection itself, so it is not lost.
    fastify.redis.off('close', onClose)
    await Promise.all([queue.close(), syncedQueue.close()])
  })
}, { name: 'queue', dependencies: ['redis', 'metrics'] })
