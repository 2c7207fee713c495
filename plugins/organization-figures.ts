import fp from 'fastify-plugin'
import { sum } from '../services/admission/sum.ts'
import { OrganizationFigures } from '../services/statements/organization-figures.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The figures of organizations on all replicas, for routes. */
    organizationFigures: OrganizationFigures
  }
}

export default fp(async (fastify) => {
  const { backpressure, queueMonitor, settings, statementStore } = fastify
  fastify.decorate('organizationFigures', new OrganizationFigures({
    store: statementStore,
    now: () => (queueMonitor.reading?.redisTimeMs ?? 0) + backpressure.signalsAgeMs,
    circumstances: () => {
      const { depthByPriority = [], delayedByPriority = [] } = queueMonitor.reading ?? {}
      return {
        settings: settings.current.settings,
        fairShares: backpressure.signals.fairShares,
        queued: sum(depthByPriority) + sum(delayedByPriority)
      }
    }
  }))
}, { name: 'organization-figures', dependencies: ['admission', 'queue', 'settings', 'statements'] })
