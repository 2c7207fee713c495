import client, { Registry } from '@prometheus-io/client'
import fastifyMetrics from 'fastify-metrics'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    metricsRegistry: Registry
  }
}

export default fp(async (fastify) => {
  // A registry of its own, so that two instances in one process (in tests) do not share counters.
  const registry = new Registry()
  fastify.decorate('metricsRegistry', registry)
  await fastify.register(fastifyMetrics.default, {
    promClient: client,
    endpoint: null,
    defaultMetrics: { enabled: true, register: registry },
    routeMetrics: {
      enabled: { histogram: true, summary: false },
      overrides: {
        histogram: { registers: [registry], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] },
        // Made even when it is switched off; in no registry it does no harm.
        summary: { registers: [] }
      }
    }
  })
}, { name: 'metrics' })
