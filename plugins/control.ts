import fp from 'fastify-plugin'
import { Control } from '../services/control/control.ts'
import { RetryAccuracy } from '../services/control/retry-accuracy.ts'
import { registerControlMetrics } from '../services/metrics/control-metrics.ts'
import { RetryAccuracyMetrics } from '../services/metrics/retry-accuracy-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Estimates the capacity of workers and the waits that follow; decides on thresholds, and on shares to shed or to keep. */
    control: Control
    /** Holds the waits that refusals suggest against the true ones. */
    retryAccuracy: RetryAccuracy
  }
}

export default fp(async (fastify) => {
  const { log, metricsRegistry, queueMonitor, settings, workerDemand: { capacity } } = fastify
  const control = new Control({
    capacity,
    settings: () => settings.current.settings.control,
    onUnderestimated: (classes, { capacityPerSecond, evidence, waitMs }) => log.warn(
      { event: 'wait-underestimated', classes, capacityPerSecond, evidence, waitMs },
      `events of the classes ${classes.join(', ')} wait more than twice as long as was predicted when they came`
    )
  })
  queueMonitor.shareLearned(() => control.learned)
  queueMonitor.onLost(() => control.lose())
  registerControlMetrics(metricsRegistry, control)
  fastify.decorate('control', control)
  const metrics = new RetryAccuracyMetrics(metricsRegistry, () => fastify.retryAccuracy.quantiles)
  fastify.decorate('retryAccuracy', new RetryAccuracy({
    now: () => performance.now(), onSettled: (name, accuracy) => metrics.observe(name, accuracy)
  }))
}, { name: 'control', dependencies: ['metrics', 'queue', 'settings', 'worker-demand'] })
