import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { Forecasting } from '../services/forecast/forecasting.ts'
import { forecastLog } from '../services/forecast/forecast-log.ts'
import { registerForecastMetrics } from '../services/metrics/forecast-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Predicts depth, unless operators have switched that off. */
    forecast: Forecasting
  }
}

export default fp(async (fastify) => {
  const { config, log, metricsRegistry, queue, queueMonitor, redis, settings, workerDemand } = fastify
  const mode = () => settings.current.settings.control.forecast
  const forecast = new Forecasting({
    redis,
    key: queue.keys.forecast,
    sampleIntervalMs: config.QUEUE_SAMPLE_INTERVAL_MS,
    demand: workerDemand,
    mode,
    ...forecastLog(log as Logger, { key: queue.keys.forecast, mode, now: () => performance.now() })
  })
  fastify.decorate('forecast', forecast)
  registerForecastMetrics(metricsRegistry, forecast)
  queueMonitor.onLost(() => forecast.lose())
  fastify.addHook('onClose', async () => forecast.close())
}, { name: 'forecast', dependencies: ['config', 'metrics', 'queue', 'settings', 'worker-demand'] })
