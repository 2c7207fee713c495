import { Type } from '@fastify/type-provider-typebox'
import type { FastifyPluginAsync } from 'fastify'
import { SharedText } from '../../../../../services/answer/shared-text.ts'

/** Making the page takes milliseconds, so scrapes within this time share one. */
const LIFE_MS = 1_000

const prometheus: FastifyPluginAsync = async (fastify) => {
  const { metricsRegistry } = fastify
  const text = new SharedText(() => fastify.metricsPage(), LIFE_MS, () => performance.now())

  fastify.get('/', {
    config: { scope: 'read' },
    schema: {
      tags: ['metrics'],
      operationId: 'getPrometheusMetrics',
      summary: 'Get the metrics for Prometheus',
      response: {
        200: {
          description: 'The metrics in the text format of Prometheus.',
          content: { 'text/plain': { schema: Type.String() } }
        }
      }
    },
    logLevel: 'warn'
  }, async (_request, reply) => reply.type(metricsRegistry.contentType).send(await text.get()))
}

export default prometheus
