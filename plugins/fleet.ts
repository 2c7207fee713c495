import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import fp from 'fastify-plugin'
import type { Fleet, Member } from '../services/fleet/member.ts'
import { boundedShares, sharesOfOtherReplicas, sharesOfOthers } from '../services/fleet/share.ts'
import { SERVICE_MS } from '../services/organizations/usage-cost.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** This process as it announces itself to the others. */
    fleetMember: () => Member
  }
}

/** The name of the report of what a replica admits. */
const ADMITTED = 'admitted'

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

export default fp(async (fastify) => {
  const { admissionShare, backpressure, config, fairness, queueMonitor, serviceTimes, settings, typeCosts } = fastify
  const itself = {
    id: randomUUID(),
    role: config.ROLE,
    host: hostname(),
    pid: process.pid,
    version,
    startedAt: new Date().toISOString()
  }
  const member = (): Member => ({
    ...itself,
    circuitState: backpressure.signals.circuitState,
    settingsVersion: settings.current.version,
    ...(config.QUEUE_SHARDS > 1 && { queueShards: config.QUEUE_SHARDS }),
    ...(fastify.workerEntry && { worker: fastify.workerEntry() })
  })
  fastify.decorate('fleetMember', member)
  queueMonitor.announce(member, () => {
    const { policies } = backpressure
    const shares = boundedShares({
      ...policies.report(), ...fairness.report(), [SERVICE_MS]: serviceTimes.report(), [ADMITTED]: admissionShare.report()
    })
    policies.sent(shares)
    return shares
  })
  let observed: Fleet | undefined
  queueMonitor.onReading(({ fleet }) => {
    if (fleet === observed) return
    observed = fleet
    const others = sharesOfOthers(fleet, itself.id)
    const replicas = sharesOfOtherReplicas(fleet, itself.id)
    backpressure.policies.observe(replicas)
    admissionShare.observe(replicas.map(({ [ADMITTED]: report = {} }) => report))
    fairness.observe(others)
    typeCosts.observe([serviceTimes.report(), ...others.map(({ [SERVICE_MS]: report = {} }) => report)])
  })
  // The worker is registered later, so it has already closed.
  fastify.addHook('onClose', async () => queueMonitor.withdraw())
}, { name: 'fleet', dependencies: ['config', 'queue', 'settings', 'admission', 'organizations'] })
