import fp from 'fastify-plugin'
import { sum } from '../services/admission/sum.ts'
import { OrganizationFairness } from '../services/organizations/fairness.ts'
import { ServiceTimes, TypeCosts } from '../services/organizations/usage-cost.ts'
import { Usage } from '../services/organizations/usage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The use that each organization makes of this replica. */
    usage: Usage
    /** Shares the capacity out between organizations. */
    fairness: OrganizationFairness
    /** How long events of each type occupy the worker of this process. */
    serviceTimes: ServiceTimes
    typeCosts: TypeCosts
  }
}

export default fp(async (fastify) => {
  const { queueMonitor, settings } = fastify
  const typeCosts = new TypeCosts()
  const serviceTimes = new ServiceTimes()
  const usage = new Usage((type) => typeCosts.of(type))
  const fairness = new OrganizationFairness({ usage, settings: () => settings.current.settings })
  let readAt = performance.now()
  queueMonitor.onReading(({ depthByPriority }) => {
    const now = performance.now()
    usage.fade(now - readAt)
    serviceTimes.fade(now - readAt)
    fairness.follow(sum(depthByPriority), now - readAt)
    readAt = now
  })
  fastify.decorate('usage', usage)
  fastify.decorate('serviceTimes', serviceTimes)
  fastify.decorate('typeCosts', typeCosts)
  fastify.decorate('fairness', fairness)
}, { name: 'organizations', dependencies: ['queue', 'settings'] })
