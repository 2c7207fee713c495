import fp from 'fastify-plugin'
import { FrequentTypes } from '../services/history/frequent-types.ts'
import { DoorLedger } from '../services/ledger/door-ledger.ts'
import { registerLedgerMetrics } from '../services/metrics/ledger-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Counts what happens to events at the door of this process; each reading of the queue books it into the ledger of
     * all.
     */
    doorLedger: DoorLedger
    /** The types of event that come most often to this process. */
    frequentTypes: FrequentTypes
  }
}

export default fp(async (fastify) => {
  const { queueMonitor, metricsRegistry } = fastify
  const door = new DoorLedger()
  queueMonitor.bookDoor(() => door.take())
  registerLedgerMetrics(metricsRegistry, () => queueMonitor.reading)
  fastify.decorate('doorLedger', door)
  fastify.decorate('frequentTypes', new FrequentTypes())
}, { name: 'ledger', dependencies: ['queue', 'metrics'] })
