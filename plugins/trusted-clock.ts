import fp from 'fastify-plugin'
import { HOLD_MS, TrustedClock } from '../services/clock/trusted-clock.ts'
import { registerClockMetrics } from '../services/metrics/clock-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The time that decides deadlines: a step of a clock does not end them. */
    trustedClock: TrustedClock
  }
}

export default fp(async (fastify) => {
  const { log, metricsRegistry, queueMonitor } = fastify
  const metrics = registerClockMetrics(metricsRegistry, () => clock.isHolding)
  const clock: TrustedClock = new TrustedClock({
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    onStep: ({ clock: name, stepMs }) => {
      metrics.stepped(name)
      log.warn(
        { event: 'clock-stepped', clock: name, stepMs: Math.round(stepMs), holdMs: HOLD_MS },
        'a clock was set: until it is believed, an event expires only if its deadline has passed without the step too'
      )
    },
    onTrusted: (name) =>
      log.info({ event: 'clock-trusted', clock: name }, 'the clock that was set is believed again and decides deadlines')
  })
  queueMonitor.onReading(({ redisTimeMs }) => clock.observeRedis(redisTimeMs))
  fastify.decorate('trustedClock', clock)
}, { name: 'trusted-clock', dependencies: ['metrics', 'queue'] })
