import fp from 'fastify-plugin'
import { BatchTracer } from '../services/queue/batch-trace.ts'
import { ReceiptFinder } from '../services/receipt/receipt-finder.ts'
import { isOutage } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    receipts: ReceiptFinder
  }
}

const NO_SPOOL = { has: () => false, remembered: () => undefined, secretOf: () => undefined }

export default fp(async (fastify) => {
  const { redis, queue, deadLetters, spool } = fastify
  fastify.decorate('receipts', new ReceiptFinder({
    queue: new BatchTracer(redis, queue.bullmq),
    fateOf: (batchId, index) => deadLetters.fateOf(batchId, index),
    spool: spool ?? NO_SPOOL,
    isOutage
  }))
}, { name: 'receipt', dependencies: ['queue', 'spool'] })
