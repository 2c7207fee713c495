import fp from 'fastify-plugin'
import { BatchTracer } from '../services/queue/batch-trace.ts'
import { isReply } from '../services/queue/event-queue.ts'
import { ReceiptFinder, type LetterSummary } from '../services/receipt/receipt-finder.ts'

declare module 'fastify' {
  interface FastifyInstance {
    receipts: ReceiptFinder
  }
}

const NO_SPOOL = { has: () => false, placeOf: () => undefined }

const MISTAKES = [TypeError, RangeError, SyntaxError, ReferenceError]

export default fp(async (fastify) => {
  const { redis, queue, deadLetters, spool } = fastify
  fastify.decorate('receipts', new ReceiptFinder({
    queue: new BatchTracer(redis, queue.bullmq),
    letterOf: async (batchId, index): Promise<LetterSummary | undefined> => {
      const letter = await deadLetters.letterOf(batchId, index)
      return letter === undefined ? undefined : { ...letter, type: letter.event.type }
    },
    spool: spool ?? NO_SPOOL,
    isOutage: (error) => !isReply(error) && !MISTAKES.some((kind) => error instanceof kind)
  }))
}, { name: 'receipt', dependencies: ['queue', 'spool'] })
