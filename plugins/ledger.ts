import fp from 'fastify-plugin'
import { FrequentTypes } from '../services/history/frequent-types.ts'
import { AdmissionLedger } from '../services/ledger/admission-ledger.ts'
import { registerLedgerMetrics } from '../services/metrics/ledger-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Counts events at admission in this process; each reading of the queue books the counts into the shared ledger.
     */
    admissionLedger: AdmissionLedger
    /** The types of event that come most often to this process. */
    frequentTypes: FrequentTypes
  }
}

export default fp(async (fastify) => {
  const { queueMonitor, metricsRegistry } = fastify
  const admission = new AdmissionLedger()
  queueMonitor.bookAdmissions(() => admission.take())
  registerLedgerMetrics(metricsRegistry, () => queueMonitor.reading)
  fastify.decorate('admissionLedger', admission)
  fastify.decorate('frequentTypes', new FrequentTypes())
}, { name: 'ledger', dependencies: ['queue', 'metrics'] })
