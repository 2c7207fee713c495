import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { throttled } from '../services/logging/throttled-log.ts'
import { WorkerMetrics } from '../services/metrics/worker-metrics.ts'
import type { WorkerEntry } from '../services/queue/reading.ts'
import { connectForWorker } from '../services/redis/connection.ts'
import { BatchRunner, type NamedHandler } from '../workers/batch-runner.ts'
import { Burial } from '../workers/burial.ts'
import { EventWorker } from '../workers/event-worker.ts'
import { loadHandlers } from '../workers/load-handlers.ts'

export interface WorkerPluginOptions {
  /** Handlers to run instead of those in workers/handlers/. */
  handlers?: readonly NamedHandler[]
}

const HANDLERS = join(import.meta.dirname, '../workers/handlers')

export default fp<WorkerPluginOptions>(async (fastify, options) => {
  const { config, eventBus, queue, deadLetters, queueMonitor, metricsRegistry, tracing, sampledEvents } = fastify
  const log = fastify.log as Logger
  const closers: (() => void | Promise<void>)[] = []
  const handlers = options.handlers ?? await loadHandlers(HANDLERS, {
    config,
    eventBus,
    tracing,
    log,
    hold: (reason) => worker.hold(reason),
    release: (reason) => worker.release(reason),
    onClose: (close) => closers.push(close)
  })
  const entry: WorkerEntry = {
    id: randomUUID(), hostname: hostname(), pid: process.pid, concurrency: config.RULE_ENGINE_WORKER_CONCURRENCY, startedAt: new Date().toISOString(),
    handlers: handlers.map(({ name }) => name), holds: []
  }
  const metrics = new WorkerMetrics(metricsRegistry)
  const connection = connectForWorker(fastify.redisAddress)
  const onError = throttled((error, suppressed) => log.error({ event: 'worker-error', err: error, suppressed }, 'the worker reports an error'), () => performance.now())
  connection.on('error', onError)
  const worker: EventWorker = new EventWorker({
    connection,
    queue,
    deadLetters,
    runner: new BatchRunner({ handlers, eventConcurrency: config.HANDLER_CONCURRENCY, timeoutMs: config.HANDLER_TIMEOUT_MS, log }),
    concurrency: config.RULE_ENGINE_WORKER_CONCURRENCY,
    maxAttempts: config.EVENT_ATTEMPTS,
    backoffBaseMs: config.RETRY_BACKOFF_MS,
    random: () => Math.random(),
    tracing,
    sampledEvents,
    log,
    onError,
    onBatch: (counts) => metrics.count(counts),
    onHolds: (holds) => queueMonitor.announceWorker({ ...entry, holds })
  })
  const burial = new Burial({ queue, deadLetters, log, onError })
  queueMonitor.onReading(({ jobs }) => burial.begin(jobs.failed))
  queueMonitor.announceWorker(entry)
  fastify.addHook('onReady', async () => {
    worker.start()
    log.info({ event: 'worker-started', handlers: handlers.map(({ name }) => name), concurrency: config.RULE_ENGINE_WORKER_CONCURRENCY }, 'the worker takes batches')
  })
  // Batches end beside the last requests, not after them.
  let stopped: Promise<void> | undefined
  const stop = () => stopped ??= worker.stop(config.SHUTDOWN_DEADLINE_MS)
  fastify.addHook('preClose', async () => { void stop() })
  fastify.addHook('onClose', async () => {
    await stop()
    await burial.ended()
    await queueMonitor.withdrawWorker()
    for (const close of closers) await close()
    connection.disconnect()
  })
}, { name: 'worker', dependencies: ['ingest', 'dead-letters', 'tracing'] })
