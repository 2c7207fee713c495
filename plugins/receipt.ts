import fp from 'fastify-plugin'
import { LatestStates } from '../services/receipt/latest-states.ts'
import { ReceiptFinder } from '../services/receipt/receipt-finder.ts'
import { isOutage } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    receipts: ReceiptFinder
    /** Returns the current states of the events that this process accepted last. */
    latestStates: LatestStates
  }
}

const NO_SPOOL = { has: () => false, remembered: () => undefined, secretOf: () => undefined }

export default fp(async (fastify) => {
  const { control, queue, deadLetters, spool } = fastify
  fastify.decorate('receipts', new ReceiptFinder({
    queue,
    fateOf: (batchId, index) => deadLetters.fateOf(batchId, index),
    spool: spool ?? NO_SPOOL,
    startsInMs: (priority, ageMs) => control.startsInMs(priority, ageMs),
    isOutage
  }))
  fastify.decorate('latestStates', new LatestStates(fastify.receipts, () => performance.now()))
}, { name: 'receipt', dependencies: ['control', 'queue', 'spool'] })
