import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { tellReplicas } from '../../tell-replicas.ts'
import { resumeSchema } from '../schema.ts'

const resume: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue, queueMonitor, log } = fastify

  fastify.post(
    '/',
    { schema: resumeSchema, config: { isOperator: true, scope: 'admin', isForWholeService: true } },
    async (_request, reply) =>
      tellReplicas(fastify, reply, 'the resume', async () => {
        await queue.resume()
        log.warn({ event: 'workers-resumed' }, 'an operator resumed the workers')
      }, () => ({ isPaused: queueMonitor.reading?.isPaused === true }))
  )
}

export default resume
