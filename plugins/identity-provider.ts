import fp from 'fastify-plugin'
import { redactUrl } from '../services/config/redaction.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { configuredTokens, type ConfiguredTokens } from '../services/producer/configured-tokens.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The JWTs of an identity provider; undefined if the configuration names none. */
    identityProvider: ConfiguredTokens | undefined
  }
}

export default fp(async (fastify) => {
  const { config, log, trustedClock } = fastify
  const url = redactUrl(config.JWT_JWKS_URL ?? '')
  const provider = configuredTokens(config, {
    now: () => trustedClock.now,
    elapsed: () => performance.now(),
    onRead: (keys) => log.info({ event: 'key-set-read', url, keys }, 'the key set of the identity provider was read'),
    onFailed: throttled((error, suppressed) => {
      log.warn(
        { event: 'key-set-not-read', url, err: error, suppressed },
        'the key set of the identity provider cannot be read; known keys stay'
      )
    }, () => performance.now())
  })
  fastify.decorate('identityProvider', provider)
  if (provider === undefined) return
  // The rest of the start goes on meanwhile. A provider that is away delays it by the time-out of one reading.
  const first = provider.keySet.refresh()
  fastify.addHook('onReady', async () => { await first })
  fastify.addHook('onClose', () => provider.keySet.close())
}, { name: 'identity-provider', dependencies: ['config', 'trusted-clock'] })
