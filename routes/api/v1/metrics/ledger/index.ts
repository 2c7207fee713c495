import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { admissionBalance, imbalance, queueBalance } from '../../../../../services/ledger/balance.ts'
import { ledgerSchema } from './schema.ts'

const ledger: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queue } = fastify

  fastify.get('/', { schema: ledgerSchema, config: { isOperator: true } }, async (_request, reply) => reply.fromQueue(async () => {
    const [{ ledger: booked }, rebases] = await Promise.all([queue.sample(), queue.latestRebases()])
    return reply.send({ imbalance: imbalance(booked), admission: admissionBalance(booked), queue: queueBalance(booked), rebases })
  }))
}

export default ledger
