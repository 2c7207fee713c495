import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import type { WorkerPart } from '../services/fleet/member.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { WorkerMetrics } from '../services/metrics/worker-metrics.ts'
import { FIRST_SHARD } from '../services/queue/batch.ts'
import { connectorOf } from '../services/queue/shard-connections.ts'
import { connectForWorker } from '../services/redis/connection.ts'
import { BatchRunner, type NamedHandler } from '../workers/batch-runner.ts'
import { holdWhileFull } from '../workers/dead-letter-hold.ts'
import { FailedBatches } from '../workers/failed-batches.ts'
import type { WorkerControl } from '../workers/handler.ts'
import { EventWorker } from '../workers/event-worker.ts'
import { HandlerAgreement } from '../workers/handler-agreement.ts'
import { loadHandlers } from '../workers/load-handlers.ts'
import { chooseHandlers, WITHOUT_HANDLER } from '../workers/without-handler.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The worker of this process as the fleet sees it; absent in a process without one. */
    workerEntry?: () => WorkerPart
  }
}

export interface WorkerPluginOptions {
  /** Handlers to run instead of those in workers/handlers/. */
  handlers?: readonly NamedHandler[]
}

const HANDLERS = join(import.meta.dirname, '../workers/handlers')

export default fp<WorkerPluginOptions>(async (fastify, options) => {
  const {
    config, eventBus, queue, deadLetters, queueMonitor, metricsRegistry, serviceTimes, statementBook, tracing,
    sampledEvents
  } = fastify
  const now = () => fastify.trustedClock.now
  const log = fastify.log as Logger
  const closers: (() => void | Promise<void>)[] = []
  const control: WorkerControl = {
    hold: (reason) => worker.hold(reason),
    release: (reason) => worker.release(reason),
    onPauseSeen: (listener) =>
      queueMonitor.onReading(({ pausedForMs }) => {
        if (pausedForMs > 0) listener(pausedForMs)
      })
  }
  const loaded =
    options.handlers ??
    (await loadHandlers(HANDLERS, {
      config, eventBus, tracing, log, now, worker: control, onClose: (close) => closers.push(close)
    }))
  const { handlers, without } = chooseHandlers(loaded, config)
  const concurrency = config.RULE_ENGINE_WORKER_CONCURRENCY
  const names = handlers.map(({ name }) => name)
  const metrics = new WorkerMetrics(metricsRegistry)
  const connection = connectForWorker(fastify.redisAddress)
  const connect = connectorOf(fastify.redisAddress, config.NAMESPACE, connectForWorker)
  const connections = new Map([[FIRST_SHARD, connection]])
  const connectionOf = (shard: number) => {
    const known = connections.get(shard) ?? connect?.(shard).on('error', onError) ?? connection
    connections.set(shard, known)
    return known
  }
  const onError = throttled(
    (error, suppressed) => log.error({ event: 'worker-error', err: error, suppressed }, 'the worker reported an error'),
    () => performance.now()
  )
  connection.on('error', onError)
  const worker: EventWorker = new EventWorker({
    connectionOf,
    queue,
    deadLetters,
    runner: new BatchRunner({
      handlers,
      eventConcurrency: config.HANDLER_CONCURRENCY,
      timeoutMs: config.HANDLER_TIMEOUT_MS,
      now,
      log
    }),
    concurrency,
    limits: {
      maxAttempts: config.EVENT_ATTEMPTS, maxDeferrals: config.DELIVERY_MAX_DEFERRALS,
      maxDeferralMs: config.DELIVERY_MAX_DEFERRAL_MS
    },
    backoffBaseMs: config.RETRY_BACKOFF_MS,
    random: () => Math.random(),
    now,
    tracing,
    sampledEvents,
    log,
    onError,
    onBatch: (counts, events) => {
      metrics.count(counts)
      statementBook.countSettled(events, counts)
    },
    onWorked: (types, elapsedMs) => serviceTimes.observe(types, elapsedMs)
  })
  const failedBatches = new FailedBatches({
    queue, deadLetters, log, onError, onDead: (events) => statementBook.countEach(events, 'deadLettered')
  })
  queueMonitor.onReading(({ jobs }) => failedBatches.begin(jobs.failed))
  const agreement = new HandlerAgreement({
    onDifference: (lists) =>
      log.warn(
        { event: 'workers-differ', handlers: lists },
        'the workers run different handlers, so the worker that takes an event decides what happens to it; give ' +
        'all the ' +
        'same DELIVERY_URL, RULES_FILE and WITHOUT_HANDLER'
      ),
    now: () => performance.now()
  })
  queueMonitor.onReading(({ workers }) => agreement.observe(workers))
  fastify.decorate('workerEntry', () => ({ concurrency, handlers: names, holds: [...worker.holds] }))
  if (without === 'wait') worker.hold('no-handlers')
  holdWhileFull(fastify.deadLetterRoom, worker, log, () => performance.now())
  fastify.addHook('onReady', async () => {
    // Ends a pause that an earlier process left behind. If Redis is out of reach, the pause ends when its time is up.
    void queue.endPause().catch(() => {})
    worker.start()
    log.info(
      { event: 'worker-started', handlers: names, concurrency, holds: worker.holds },
      'the worker has started'
    )
    if (without !== undefined) log.warn({ event: 'no-handlers', withoutHandler: without }, WITHOUT_HANDLER[without])
  })
  // Batches end beside the last requests, not after them.
  let stopped: Promise<void> | undefined
  const stop = () => stopped ??= worker.stop(config.SHUTDOWN_DEADLINE_MS)
  fastify.addHook('preClose', async () => { void stop() })
  fastify.addHook('onClose', async () => {
    await stop()
    await failedBatches.ended()
    for (const close of closers) await close()
    for (const each of connections.values()) each.disconnect()
  })
}, {
  name: 'worker',
  dependencies: ['intake', 'dead-letters', 'fleet', 'organizations', 'statements', 'tracing', 'trusted-clock']
})
