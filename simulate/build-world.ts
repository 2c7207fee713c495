import { join } from 'node:path'
import { isPolicyModule } from '../services/admission/policy.ts'
import type { Thresholds } from '../services/admission/thresholds.ts'
import { loadConfig } from '../services/config/load-config.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import backpressure from '../services/settings/parts/backpressure.ts'
import { durationOf, partOf, scaled, totalOf, type Arrivals } from './arrivals/arrivals.ts'
import { fromPattern } from './arrivals/from-pattern.ts'
import { readTrace, TraceError } from './arrivals/read-trace.ts'
import type { WorldOptions } from './options.ts'
import type { Registries } from './registries.ts'
import { capacityOf } from './world/capacity.ts'
import type { World } from './world/world.ts'

/** So many slots are assumed that an event takes about this long, whatever the rate. */
const USUAL_SERVICE_SECONDS = 0.25
/** The queue drains for at most so long after the last arrival. */
const MOST_DRAIN_MS = 3_600_000
const POLICIES = join(import.meta.dirname, '../services/admission/policies')

/**
 * Builds a world. Thresholds, attempts and the sample interval are those of production.
 *
 * @throws TraceError
 */
export async function buildWorld (options: WorldOptions, { patterns, clients }: Registries): Promise<World> {
  const {
    load, sampleIntervalMs, capacityPerSecond, capacityChange, stalls, oscillationMs, preset, critical, ...rest
  } = options
  const arrivals = arrivalsOf(options, patterns)
  // No work begins while the queue is away.
  const capacityOptions = { change: capacityChange, stalls: [...stalls, ...options.outages], oscillationMs }
  const config = loadConfig({
    BACKPRESSURE_PRESET: preset,
    QUEUE_SAMPLE_INTERVAL_MS: sampleIntervalMs === undefined ? undefined : String(sampleIntervalMs)
  })
  const defaults = backpressure.defaults(config)
  const perSecond = capacityPerSecond ?? totalOf(arrivals.counts) / durationOf(arrivals) * 1_000 / load
  const slots = options.slots ?? Math.max(1, Math.round(perSecond * USUAL_SERVICE_SECONDS))
  return {
    ...rest,
    arrivals,
    slots,
    meanServiceMs: slots * 1_000 / perSecond,
    capacity: capacityOf(capacityOptions, durationOf(arrivals)),
    capacityOptions,
    drainTargetMs: config.DRAIN_TARGET_MS,
    attempts: config.EVENT_ATTEMPTS,
    timeOutMs: config.DELIVERY_TIMEOUT_MS,
    clients: options.clients.map((name) => clients.get(name)!),
    settings: critical === undefined ? defaults : { ...defaults, thresholds: thresholdsBelow(critical) },
    policies: await loadFolder(POLICIES, isPolicyModule, 'a policy module { rank, create }'),
    mostDrainMs: MOST_DRAIN_MS,
    sampleIntervalMs: config.QUEUE_SAMPLE_INTERVAL_MS
  }
}

/** Thresholds in the ratios of the defaults. */
function thresholdsBelow (critical: number): Thresholds {
  return {
    recovery: Math.round(critical / 10), warning: Math.round(critical / 5), critical, hardLimit: critical * 10
  }
}

function arrivalsOf (
  { source, scale, fromSeconds, mostSeconds }: WorldOptions, patterns: Registries['patterns']
): Arrivals {
  if ('pattern' in source) {
    return scaled(fromPattern(patterns.get(source.pattern)!, source.eventsPerSecond, source.seconds), scale)
  }
  const whole = readTrace(source.trace, source.column)
  const seconds = durationOf(whole) / 1_000
  const share = (at: number) => Math.min(1, at / seconds)
  const part = partOf(whole, share(fromSeconds), share(fromSeconds + mostSeconds))
  if (totalOf(part.counts) === 0) {
    throw new TraceError(`no event arrives after second ${fromSeconds} of ${seconds}; choose an earlier --from`)
  }
  return scaled(part, scale)
}
