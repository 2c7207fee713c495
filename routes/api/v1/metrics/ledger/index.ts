import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ledgerSchema } from './schema.ts'

const ledger: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue } = fastify

  fastify.get(
    '/',
    { schema: ledgerSchema, config: { isOperator: true, scope: 'read', isForWholeService: true } },
    async (_request, reply) =>
      reply.fromQueue(async () => {
        const [{ ledger: { admission }, balance }, rebases] = await Promise.all([queue.sample(), queue.latestRebases()])
        return reply.send({ ...balance, admission, rebases })
      })
  )
}

export default ledger
