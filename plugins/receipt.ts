import fp from 'fastify-plugin'
import { BatchTracer } from '../services/queue/batch-trace.ts'
import { ReceiptFinder, type LetterSummary } from '../services/receipt/receipt-finder.ts'
import { isOutage } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    receipts: ReceiptFinder
  }
}

const NO_SPOOL = { has: () => false, placeOf: () => undefined }

export default fp(async (fastify) => {
  const { redis, queue, deadLetters, spool } = fastify
  fastify.decorate('receipts', new ReceiptFinder({
    queue: new BatchTracer(redis, queue.bullmq),
    letterOf: async (batchId, index): Promise<LetterSummary | undefined> => {
      const letter = await deadLetters.letterOf(batchId, index)
      return letter === undefined ? undefined : { ...letter, type: letter.event.type }
    },
    spool: spool ?? NO_SPOOL,
    isOutage
  }))
}, { name: 'receipt', dependencies: ['queue', 'spool'] })
