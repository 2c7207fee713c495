import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { decoder } from '../../../../../../services/schema/decode.ts'
import { RebaseOrderSchema, rebaseSchema } from '../schema.ts'

const decodeOrder = decoder(RebaseOrderSchema)

const rebase: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue, log } = fastify

  fastify.post(
    '/',
    {
      schema: rebaseSchema,
      config: { isOperator: true, scope: 'admin', isForWholeService: true },
      validatorCompiler: () => () => true
    },
    async ({ body, ip }, reply) => {
      const order = decodeOrder(body)
      if (!order.ok) return reply.invalidBody(order.errors)
      const { reason } = order.value
      return reply.fromQueue(async () => {
        const off = await queue.rebase(reason, ip)
        log.warn({ event: 'ledger-rebased', ...off, reason, ip }, 'an operator wrote off an imbalance of the ledger')
        return reply.send(off)
      })
    }
  )
}

export default rebase
