import fp from 'fastify-plugin'
import { createPolicies } from '../services/admission/policy.ts'
import { Shadowing } from '../services/control/shadowing.ts'
import { registerShadowMetrics } from '../services/metrics/shadow-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tries settings beside those in force, while operators want that. */
    shadowing: Shadowing
  }
}

export default fp(async (fastify) => {
  const {
    backpressure: gate, control, fairness, forecast, metricsRegistry, policyModules, queueMonitor, settings, trustedClock
  } = fastify
  const shadowing = new Shadowing({
    gate,
    control,
    createPolicies: (settingsOf) => createPolicies(policyModules, () => trustedClock.now, settingsOf),
    advised: () => forecast.advised,
    fairness,
    random: () => Math.random()
  })
  // After the gate, whose state a shadow starts from.
  queueMonitor.onReading((reading) => shadowing.observe(reading, settings.trial))
  queueMonitor.onLost(() => shadowing.lose())
  registerShadowMetrics(metricsRegistry, shadowing)
  fastify.decorate('shadowing', shadowing)
}, {
  name: 'shadow',
  dependencies: ['admission', 'control', 'forecast', 'metrics', 'organizations', 'policies', 'queue', 'settings', 'trusted-clock']
})
