import client, { Registry } from '@prometheus-io/client'
import fastifyMetrics from 'fastify-metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { registerBuildMetrics } from '../services/metrics/build-metrics.ts'
import { RequestDurations } from '../services/metrics/request-durations.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metricsRegistry: Registry
    /** Returns the page for Prometheus, with the metrics of all processes that share the port. */
    metricsPage: () => Promise<string>
  }
}

export interface MetricsOptions {
  /** Merges the page of this process with those of processes that share its port. */
  mergePages?: ((own: string) => Promise<string>) | undefined
}

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

const MS_PER_SECOND = 1_000
const UNKNOWN_ROUTE = '__unknown__'

export default fp<MetricsOptions>(async (fastify, { mergePages }) => {
  // The default registry of the package belongs to the host, and each Spillway in a process has its own counts.
  const registry = new Registry()
  fastify.decorate('metricsRegistry', registry)
  fastify.decorate('metricsPage', async () => {
    const own = await registry.metrics()
    return mergePages === undefined ? own : await mergePages(own)
  })
  await fastify.register(fastifyMetrics.default, {
    promClient: client,
    endpoint: null,
    defaultMetrics: { enabled: true, register: registry },
    // It makes a timer, labels and their text for each request; ours below finds its series by the route.
    routeMetrics: { enabled: false }
  })
  registerBuildMetrics(registry, { version, role: fastify.config.ROLE })
  const durations = new RequestDurations(registry)
  fastify.addHook('onRoute', (route) => {
    // Relative to the path of Spillway, so that alerts hold under every prefix.
    const path = route.url.slice(fastify.rootPath.length) || '/'
    const record = durations.of({ method: [route.method].flat().join(','), path })
    const recordDuration = (_request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      record(reply.statusCode, reply.elapsedTime / MS_PER_SECOND)
      done()
    }
    route.onResponse = [...[route.onResponse ?? []].flat(), recordDuration]
  })
  const recordUnknown = durations.of({ method: '', path: UNKNOWN_ROUTE })
  fastify.addHook('onResponse', (request, reply, done) => {
    if (request.is404) recordUnknown(reply.statusCode, reply.elapsedTime / MS_PER_SECOND)
    done()
  })
}, { name: 'metrics', dependencies: ['config'] })
