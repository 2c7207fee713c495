import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { DeadLetterFigures } from '../services/queue/reading.ts'
import { DeadLetterRoom } from '../services/dead-letters/dead-letter-room.ts'
import { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import { LiveTraffic } from '../services/dead-letters/live-traffic.ts'
import { isOutage } from '../services/redis/outage.ts'
import { ReplayEngine } from '../services/dead-letters/replay-engine.ts'
import { ReplayFeed } from '../services/dead-letters/replay-feed.ts'
import { REPLAY_LEASE_MS, ReplayStore } from '../services/dead-letters/replay-store.ts'
import { Replays } from '../services/dead-letters/replays.ts'
import { spareCapacity } from '../services/dead-letters/spare-capacity.ts'
import { LOWEST_PRIORITY } from '../services/admission/priority-class.ts'
import { Viewers } from '../services/history/viewers.ts'
import { STALE_AFTER_INTERVALS } from '../services/queue/sampler.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { registerDeadLetterMetrics } from '../services/metrics/dead-letter-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    deadLetters: DeadLetterStore
    replays: Replays
    /** Shows viewers the progress of replays. */
    replayFeed: ReplayFeed
    replayViewers: Viewers
    deadLetterRoom: DeadLetterRoom
    /** The figures of the last reading; undefined before the first. */
    deadLetterFigures: () => DeadLetterFigures | undefined
  }
  interface FastifyReply {
    /** Answers with the result of `work`, or 503 while Redis is out of reach. */
    fromQueue: (work: () => Promise<FastifyReply>) => Promise<FastifyReply>
  }
}

const now = () => performance.now()

export default fp(async (fastify) => {
  const { config, redis, queue, queueMonitor, backpressure, metricsRegistry, log, lifecycle, statementBook } = fastify
  const room = new DeadLetterRoom({
    overflow: config.DEAD_LETTER_OVERFLOW,
    mostEvents: config.DEAD_LETTER_MAX_EVENTS,
    mostBytes: config.DEAD_LETTER_MAX_BYTES,
    capacityBytes: () => backpressure.signals.memory.capacityBytes
  })
  const isDiscarding = config.DEAD_LETTER_OVERFLOW === 'discard-oldest'
  fastify.decorate('deadLetterRoom', room)
  let discarded = 0
  let keptAt = -Infinity
  const logDiscarded = throttled((error) => {
    const { mostEvents: most, mostBytes } = room
    log.error({ event: 'dead-letters-discarded', count: discarded, most, mostBytes }, error.message)
    discarded = 0
  }, now)
  const deadLetters = new DeadLetterStore(redis, queue.keys, {
    mostDeadLetters: isDiscarding ? room.mostEvents : undefined,
    mostBytes: () => isDiscarding ? room.mostBytes : undefined,
    markLifeMs: config.RECEIPT_TTL_MS,
    repair: queue.repair,
    hasLock: (batchId, token) => queue.of(batchId).hasLock(batchId, token),
    onKept: (count, bytes) => {
      keptAt = now()
      room.observe(count, bytes)
    },
    onDiscarded: (count) => {
      discarded += count
      logDiscarded(new Error('there were too many dead letters; Spillway discarded the oldest of the largest group'))
    }
  })
  const store = new ReplayStore(redis, queue, REPLAY_LEASE_MS, config.RECEIPT_TTL_MS)
  const onError = throttled(
    (error, suppressed) =>
      log.error({ event: 'replay-error', err: error, suppressed }, 'a replay failed and will be tried again'),
    now
  )
  const traffic = new LiveTraffic()
  const engine = new ReplayEngine({
    deadLetters: deadLetters,
    replays: store,
    batchMaxEvents: config.BATCH_MAX_EVENTS,
    batchMaxBytes: config.BATCH_MAX_BYTES,
    spareCapacity: (reading) => spareCapacity({
      reading,
      depth: backpressure.depth,
      warningThreshold: backpressure.signals.thresholds.warning,
      refusal: backpressure.refusalReason(LOWEST_PRIORITY),
      batchMaxEvents: config.BATCH_MAX_EVENTS,
      isLive: traffic.observe(reading.enqueuedByPriority, now()),
      utilization: fastify.memoryUsage().eventLoopUtilized
    }),
    now,
    onError,
    onMoved: (events) => statementBook.countEach(events, 'returned')
  })
  fastify.decorate('deadLetters', deadLetters)
  fastify.decorate('replays', new Replays(deadLetters, store, () => engine.wake()))
  const viewers = new Viewers()
  const feed = new ReplayFeed({ read: (id, within) => store.get(id, within), viewers, onError })
  lifecycle.draining.addEventListener('abort', () => feed.close(), { once: true })
  fastify.decorate('replayFeed', feed)
  fastify.decorate('replayViewers', viewers)

  const figures = () => queueMonitor.reading?.deadLetters
  queueMonitor.onReading(({ deadLetters: { kept, bytes } }) => {
    // A reading of another process may be from before the last dead letters of this one.
    if (now() - keptAt > STALE_AFTER_INTERVALS * config.QUEUE_SAMPLE_INTERVAL_MS) room.observe(kept, bytes)
  })
  fastify.decorate('deadLetterFigures', figures)
  registerDeadLetterMetrics(metricsRegistry, figures)

  if (config.ROLE !== 'worker') {
    queueMonitor.onReading((reading) => engine.observe(reading))
    fastify.addHook('preClose', async () => engine.stop())
  }

  fastify.decorateReply('fromQueue', async function (this: FastifyReply, work: () => Promise<FastifyReply>) {
    try {
      // Nobody waits for a call that is known to fail.
      if (backpressure.signals.isDepthKnown) return await work()
    } catch (error) {
      if (!isOutage(error)) throw error
    }
    return this.header('retry-after', '1').problem({
      status: 503,
      slug: 'queue-unavailable',
      detail: 'Redis is out of reach or refuses writes; try again'
    })
  })
}, {
  name: 'dead-letters',
  dependencies: ['admission', 'pressure', 'queue', 'metrics', 'problem-details', 'lifecycle', 'statements']
})
