import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { throttled } from '../services/logging/throttled-log.ts'
import { openKeyFile } from '../services/producer/key-file.ts'
import { KeyOrders } from '../services/producer/key-orders.ts'
import { KeyStore } from '../services/producer/key-store.ts'
import { KeyUse } from '../services/producer/key-use.ts'
import { KnownKeys } from '../services/producer/known-keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    knownKeys: KnownKeys
    keyStore: KeyStore
    keyOrders: KeyOrders
    /** Records the last use of each key. */
    keyUse: KeyUse
  }
}

/** The API keys: those of the key file, and those in Redis. */
export default fp(async (fastify) => {
  const { config, identityProvider, log, queue, queueMonitor, redis, trustedClock } = fastify
  const known = new KnownKeys()
  const use = new KeyUse()
  const store = new KeyStore({
    redis,
    keys: queue.keys,
    repair: queue.repair,
    known,
    elapsed: () => performance.now(),
    onDamaged: (id, problems) => {
      log.error({ event: 'key-unreadable', id, problems }, 'an API key in Redis cannot be read; the others stay in force')
    },
    onError: throttled((error, suppressed) => {
      log.warn({ event: 'keys-not-read', err: error, suppressed }, 'the API keys in Redis cannot be read; known ones stay')
    }, () => performance.now())
  })
  fastify.decorate('knownKeys', known)
  fastify.decorate('keyStore', store)
  fastify.decorate('keyUse', use)
  fastify.decorate('keyOrders', new KeyOrders({
    known,
    store,
    hasOtherOperators: config.ADMIN_TOKEN !== undefined || identityProvider !== undefined,
    now: () => trustedClock.now
  }))

  if (config.API_KEYS_FILE !== undefined) {
    const file = await openKeyFile({
      path: config.API_KEYS_FILE, log: log as Logger, onChange: (records) => known.adoptFile(records)
    })
    fastify.addHook('onClose', () => file.close())
  }
  // Requests before the first sample need keys too. Without Redis the keys of the file are known.
  await store.load(config.REDIS_COMMAND_TIMEOUT_MS).catch(() => {})
  queueMonitor.onReading(({ control }) => {
    store.observe(control)
    const used = use.take()
    if (used !== undefined) store.recordUsed(used).catch(() => {})
  })
  queueMonitor.onLost(() => store.lose())
}, { name: 'keys', dependencies: ['config', 'identity-provider', 'queue', 'redis', 'trusted-clock'] })
