import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { ArrivalFolder } from '../services/arrivals/arrival-folder.ts'
import { WINDOW_MS } from '../services/arrivals/arrival-record.ts'
import { ArrivalRecorder } from '../services/arrivals/arrival-recorder.ts'
import { recordedConfiguration } from '../services/arrivals/recorded-configuration.ts'
import { showCounter } from '../services/metrics/shown.ts'
import { workSampleOf } from '../services/queue/work-sample.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Records what is offered; undefined unless RECORD_ARRIVALS is on. */
    arrivalRecorder: ArrivalRecorder | undefined
  }
}

export default fp(async (fastify) => {
  const { config, metricsRegistry, queueMonitor, settings } = fastify
  const recorder = config.RECORD_ARRIVALS && config.ROLE !== 'worker'
    ? new ArrivalRecorder({
      folder: new ArrivalFolder({
        path: join(config.DATA_DIR, `arrivals-${config.NAMESPACE}`),
        maxBytes: config.RECORD_ARRIVALS_MAX_BYTES,
        id: randomUUID()
      }),
      settings: () => settings.current,
      configuration: recordedConfiguration(config),
      log: fastify.log as Logger,
      now: () => Date.now()
    })
    : undefined
  showCounter(metricsRegistry, {
    name: 'spillway_arrivals_records_total',
    help: 'Records of arrivals that were written, and lost because the disk refused them',
    label: 'outcome',
    read: () => recorder?.totals
  })
  fastify.decorate('arrivalRecorder', recorder)
  if (recorder === undefined) return
  queueMonitor.onReading((reading) => recorder.observe(workSampleOf(reading)))
  const timer = setInterval(() => recorder.turn(), WINDOW_MS).unref()
  fastify.addHook('onClose', async () => {
    clearInterval(timer)
    await recorder.flush()
  })
}, { name: 'arrivals', dependencies: ['config', 'metrics', 'queue', 'settings'] })
