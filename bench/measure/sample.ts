import type { LoadResult } from '../../rig/load/job.ts'
import type { Sample } from '../result.ts'

/** The unit of costs: stored events, or answers of any kind. */
export type Unit = 'event' | 'answer'

const SUFFIX = { event: 'Event', answer: 'Answer' }

/** The figures of a load: a rate, latencies, and the CPU time that each process spent on one unit. */
export function sampleOf (result: LoadResult, unit: Unit = 'event'): Sample {
  const { seconds, accepted, shed, other, failed, late, events, p50Ms, p99Ms, p999Ms, used } = result
  const count = unit === 'event' ? events : accepted + shed + other
  const costs = Object.entries(used).map((
    [role, { cpuMicros }]
  ): [string, number] => [`${role}MicrosPer${SUFFIX[unit]}`, cpuMicros / count])
  const figures = {
    [`${unit}sPerSecond`]: count / seconds,
    // A stream is one request, without a latency per event.
    ...(p50Ms > 0 && { p50Ms, p99Ms, p999Ms }),
    ...Object.fromEntries(costs),
    rssGrowthMiB: used.server?.rssGrowthMiB ?? NaN,
    shed,
    other,
    failed,
    late
  }
  // Without units there is no cost per unit.
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)))
}
