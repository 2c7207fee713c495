import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { tellReplicas } from '../../tell-replicas.ts'
import { pauseSchema } from '../schema.ts'

const pause: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue, queueMonitor, log } = fastify

  fastify.post(
    '/',
    { schema: pauseSchema, config: { isOperator: true, scope: 'admin', isForWholeService: true } },
    async (_request, reply) =>
      tellReplicas(fastify, reply, 'the pause', async () => {
        await queue.pause()
        log.warn({ event: 'workers-paused' }, 'an operator paused the workers')
      }, () => ({ isPaused: queueMonitor.reading?.isPaused === true }))
  )
}

export default pause
