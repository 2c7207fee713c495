import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { Forecasting } from '../services/forecast/forecasting.ts'
import { forecastLog } from '../services/forecast/forecast-log.ts'
import { registerForecastMetrics } from '../services/metrics/forecast-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Predicts depth; undefined if that is off. */
    forecast: Forecasting | undefined
  }
}

export default fp(async (fastify) => {
  const { config, log, metricsRegistry, queue, queueMonitor, redis, workerDemand } = fastify
  const acts = config.FORECAST === 'act'
  const forecast = config.FORECAST === 'off'
    ? undefined
    : new Forecasting({
        redis,
        key: queue.keys.forecast,
        sampleIntervalMs: config.QUEUE_SAMPLE_INTERVAL_MS,
        demand: workerDemand,
        acts,
        ...forecastLog(log as Logger, { key: queue.keys.forecast, acts, now: () => performance.now() })
      })
  fastify.decorate('forecast', forecast)
  if (forecast === undefined) return
  registerForecastMetrics(metricsRegistry, forecast)
  queueMonitor.onLost(() => forecast.lose())
  fastify.addHook('onClose', async () => forecast.close())
}, { name: 'forecast', dependencies: ['config', 'metrics', 'queue', 'worker-demand'] })
