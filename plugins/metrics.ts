import client, { Registry } from '@prometheus-io/client'
import fastifyMetrics from 'fastify-metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { registerBuildMetrics } from '../services/metrics/build-metrics.ts'
import { RequestDurations } from '../services/metrics/request-durations.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metricsRegistry: Registry
  }
}

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

const MS_PER_SECOND = 1_000
const UNKNOWN_ROUTE = '__unknown__'

export default fp(async (fastify) => {
  // A registry of its own: that of the package is the host's, and every Spillway in a process counts for itself.
  const registry = new Registry()
  fastify.decorate('metricsRegistry', registry)
  await fastify.register(fastifyMetrics.default, {
    promClient: client,
    endpoint: null,
    defaultMetrics: { enabled: true, register: registry },
    // It makes a timer, a set of labels and their text for each request; ours below knows its series from the route.
    routeMetrics: { enabled: false }
  })
  registerBuildMetrics(registry, { version, role: fastify.config.ROLE })
  const durations = new RequestDurations(registry)
  fastify.addHook('onRoute', (route) => {
    // Below the path of Spillway, so that alerts hold wherever it is.
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
