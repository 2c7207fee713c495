import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseRebaseOrder } from '../../../../../../services/ledger/rebase-order.ts'
import { rebaseSchema } from '../schema.ts'

const rebase: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue, log } = fastify

  fastify.post('/', { schema: rebaseSchema, config: { isOperator: true }, validatorCompiler: () => () => true }, async ({ body, ip }, reply) => {
    const order = parseRebaseOrder(body)
    if (!order.ok) return reply.invalidQuery(order.errors)
    const { reason } = order
    return reply.fromQueue(async () => {
      const off = await queue.rebase(reason, ip)
      log.warn({ event: 'ledger-rebased', ...off, reason, ip }, 'an operator wrote off what the ledger was off by')
      return reply.send(off)
    })
  })
}

export default rebase
