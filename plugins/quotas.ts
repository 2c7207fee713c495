import fp from 'fastify-plugin'
import { NOBODY_NEAR } from '../services/admission/quota-standing.ts'
import { NearQuotaLog } from '../services/logging/near-quota-log.ts'
import { showGauge } from '../services/metrics/shown.ts'

/** Tells operators of organizations near their quotas. */
export default fp(async (fastify) => {
  const { backpressure: { policies }, log, metricsRegistry, queueMonitor } = fastify
  showGauge(metricsRegistry, {
    name: 'spillway_organizations_near_quota',
    help: 'Organizations that offer 80 % of their quota or more, on all replicas together, as far as this process knows',
    read: () => policies.near.count
  })
  const lines = new NearQuotaLog()
  let logged = NOBODY_NEAR
  // After the fleet, from which the policies learn the offers of the other replicas.
  queueMonitor.onReading(() => {
    const { near } = policies
    if (near === logged) return
    logged = near
    for (const { organizationId, share } of lines.select(near.named, performance.now())) {
      const percent = Math.round(share * 100)
      log.warn({ event: 'quota-near', organizationId, percent }, 'an organization offers most of its quota or exceeds it')
    }
  })
}, { name: 'quotas', dependencies: ['admission', 'fleet', 'metrics', 'queue'] })
