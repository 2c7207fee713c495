import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../../rig/consumer.ts'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { durationOf } from '../../simulate/arrivals/arrivals.ts'
import type { World } from '../../simulate/world/world.ts'
import { eventsOf, Producers, type OfferedEvent } from './producers.ts'
import { MOST_DRAIN_MS, RunRecord, STEP_MS } from './run-record.ts'
import { BUDGETS_MS, CAPACITY, SLOTS, THRESHOLDS } from './scenarios.ts'
import type { Course } from './simulated.ts'

export interface Pause {
  readonly atMs: number
  readonly forMs: number
}

/** A run of the service, with figures of the rig. */
export interface RealCourse extends Course {
  readonly rig: {
    /** Events of a call to the consumer, the mean. */
    readonly eventsPerCall: number
    /** Times in which no worker began anything, though much waited: the machine had no time for them. */
    readonly pauses: readonly Pause[]
    /** The event loop of producers and consumer was this late, p99: it shares the machine with all others. */
    readonly delayMs: number
  }
}

/**
 * Calls come at random, so the time between two of them is ten times the mean about once in 20,000 times. A longer one
 * is a pause of the machine.
 */
const PAUSE_FACTOR = 10
const DELAY_RESOLUTION_MS = 10
/** Workers, metrics and the forecast settle before the first event. */
const WARM_UP_MS = 2_000

/** As in the simulator, but for limits that a busy machine would reach. */
function keysOf (world: World, redisUrl: string): Record<string, string> {
  const [critical, normal, low] = BUDGETS_MS
  return {
    REDIS_URL: redisUrl,
    LOG_LEVEL: 'info',
    FORECAST: 'off',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    QUEUE_SAMPLE_INTERVAL_MS: String(world.sampleIntervalMs),
    QUEUE_RECOVERY_THRESHOLD: String(THRESHOLDS.recovery),
    QUEUE_WARNING_THRESHOLD: String(THRESHOLDS.warning),
    QUEUE_CRITICAL_THRESHOLD: String(THRESHOLDS.critical),
    QUEUE_HARD_LIMIT: String(THRESHOLDS.hardLimit),
    DELAY_BUDGET_CRITICAL_MS: String(critical),
    DELAY_BUDGET_NORMAL_MS: String(normal),
    DELAY_BUDGET_LOW_MS: String(low)
  }
}

/**
 * Runs a world against the service: an API process, a worker process, a Redis, and a consumer whose calls take the
 * service times of their events.
 */
export async function real (keys: Readonly<Record<string, string>>, world: World, seed: number): Promise<RealCourse> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const consumer = await startConsumer(owner, { keepsCalls: false })
    const events = eventsOf(world, seed)
    const record = new RunRecord()
    const sentAt = new Map<number, number>()
    const taken = new Map<number, number>()
    const counts = { admitted: 0, finished: 0, calls: 0 }
    const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
    const depth = () => Math.max(0, counts.admitted - counts.finished)
    let startedAt = 0
    const waited = ({ id, priorityClass }: OfferedEvent) => {
      const [from, to] = [sentAt.get(id), taken.get(id)]
      // The consumer may get an event before its producer has the answer.
      if (from !== undefined && to !== undefined) record.waited(priorityClass, to - from)
    }
    const pauses: Pause[] = []
    let last = { at: 0, depth: 0 }
    consumer.answer = ({ body }, reply) => {
      const now = performance.now()
      counts.calls++
      const [atMs, forMs] = [last.at - startedAt, now - last.at]
      const meanMs = 1_000 / (CAPACITY * world.capacity.speedAt(atMs))
      if (last.depth > 2 * SLOTS && forMs > PAUSE_FACTOR * meanMs) pauses.push({ atMs, forMs })
      last = { at: now, depth: depth() }
      const batch = (JSON.parse(body) as { data: number }[]).map(({ data }) => events[data] as OfferedEvent)
      const speed = world.capacity.speedAt(now - startedAt)
      let ms = 0
      for (const event of batch) {
        // A batch whose worker stood still for too long comes twice.
        if (!taken.has(event.id)) {
          taken.set(event.id, now)
          waited(event)
        }
        // A slot of the simulator does one event after the other.
        ms += event.serviceMs / speed
      }
      setTimeout(() => {
        counts.finished += batch.length
        reply.end()
      }, ms)
    }
    const common = { ...keysOf(world, redis.url), ...keys }
    await startServer(owner, {
      ...common, ROLE: 'worker', DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: '60000',
      RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS)
    })
    const api = await startServer(owner, { ...common, ROLE: 'api' })
    await wait(WARM_UP_MS)
    const producers = new Producers({
      port: Number(new URL(api.url).port), world, seed, record,
      onAdmitted: (event, at) => {
        counts.admitted++
        sentAt.set(event.id, at)
        waited(event)
      }
    })
    delay.enable()
    startedAt = performance.now()
    const steps = durationOf(world.arrivals) / STEP_MS
    const timer = setInterval(() => {
      const due = (performance.now() - startedAt) / STEP_MS
      while (record.depths.length < Math.min(steps, due)) record.depths.push(depth())
    }, STEP_MS / 4)
    await producers.run(events, startedAt)
    const deadline = performance.now() + MOST_DRAIN_MS
    while ((producers.isBusy || depth() > 0) && performance.now() < deadline) await wait(STEP_MS)
    clearInterval(timer)
    delay.disable()
    producers.close()
    if (producers.failed > 0) throw new Error(`${producers.failed} requests had no answer`)
    record.flips = api.log.filter(({ event }) => event === 'circuit-transition').length
    return {
      figures: record.figures,
      depths: record.depths,
      rig: { pauses, eventsPerCall: counts.finished / counts.calls, delayMs: delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS }
    }
  })
}
