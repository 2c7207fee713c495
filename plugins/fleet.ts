import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import fp from 'fastify-plugin'
import type { Fleet, Member } from '../services/fleet/member.ts'
import { sharesOfOthers } from '../services/fleet/share.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** This process as it announces itself to the others. */
    fleetMember: () => Member
  }
}

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

export default fp(async (fastify) => {
  const { backpressure, config, queueMonitor, settings } = fastify
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
    ...(fastify.workerEntry && { worker: fastify.workerEntry() })
  })
  fastify.decorate('fleetMember', member)
  queueMonitor.announce(member, () => backpressure.policies.report())
  let observed: Fleet | undefined
  queueMonitor.onReading(({ fleet }) => {
    if (fleet === observed) return
    observed = fleet
    backpressure.policies.observe(sharesOfOthers(fleet, itself.id))
  })
  // The worker is registered later, so it has already closed.
  fastify.addHook('onClose', async () => queueMonitor.withdraw())
}, { name: 'fleet', dependencies: ['config', 'queue', 'settings', 'admission'] })
