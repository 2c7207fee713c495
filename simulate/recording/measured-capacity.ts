import { Capacity, type WorkSample } from '../../services/control/capacity.ts'
import { areSlotsFull } from '../../services/control/worker-rate.ts'
import { meanOfNumbers } from '../measure/mean.ts'
import type { SpeedChange } from '../world/capacity.ts'

/** A smaller change of the speed is no change. */
const LEAST_CHANGE = 0.05

/** The capacity of the workers of a recording, as production estimates it from the same samples. */
export interface MeasuredCapacity {
  /** Events per second, the mean over the time in which it is known. */
  readonly perSecond: number
  /** Whether busy workers have shown it; otherwise it is inferred from the share of slots in use. */
  readonly isMeasured: boolean
  /** Multiples of that mean over time; 0 while work was paused or the consumer held it up. */
  readonly changes: readonly SpeedChange[]
  /** Events in work at once while no slot was free; undefined if one always was. */
  readonly eventsAtOnce: number | undefined
}

/**
 * Lets the estimator of production see the recorded samples.
 *
 * @param from milliseconds since the epoch at the beginning of the run
 * @returns undefined if the samples are no evidence of any capacity
 */
export function measuredCapacity (work: readonly WorkSample[], from: number): MeasuredCapacity | undefined {
  const capacity = new Capacity()
  let isMeasured = false
  const estimates = work.map((sample) => {
    capacity.observe(sample)
    const { estimate } = capacity
    isMeasured ||= estimate.isMeasured
    return { sample, perSecond: Number.isFinite(estimate.perSecond) ? estimate.perSecond! : undefined }
  })
  const known = estimates.flatMap(({ perSecond }) => perSecond === undefined || perSecond <= 0 ? [] : [perSecond])
  if (known.length === 0) return undefined
  const perSecond = meanOfNumbers(known)
  const changes: SpeedChange[] = []
  let speed = 1
  for (const { sample, perSecond: now } of estimates) {
    const next = sample.isPaused || sample.isHeldUp ? 0 : (now ?? known[0]!) / perSecond
    if (next === speed || (next > 0 && speed > 0 && Math.abs(next / speed - 1) < LEAST_CHANGE)) continue
    speed = next
    changes.push({ atMs: sample.at - from, speed })
  }
  const busy = work.filter(({ takenSlots, slots }) => areSlotsFull(takenSlots, slots)).map(({ inWork }) => inWork)
  return { perSecond, isMeasured, changes, eventsAtOnce: busy.length === 0 ? undefined : meanOfNumbers(busy) }
}
