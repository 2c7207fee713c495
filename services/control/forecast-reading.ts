import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import { lowShedDepth, type Thresholds } from '../admission/thresholds.ts'
import type { CapacityEstimate, WorkSample } from './capacity.ts'
import type { ForecastReading } from './forecast-loop.ts'

/** A reading of the queue as far as its forecast is made from it. Arrays are indexed by priority. */
export interface OfferedReading {
  readonly depthByPriority: readonly number[]
  readonly enqueuedByPriority: readonly number[]
  /** Answers of all replicas so far. */
  readonly ledger: { readonly admission: Readonly<Record<PriorityClass, Readonly<Record<'shed' | 'sampled', number>>>> }
}

/** The circumstances of a reading. */
export interface ForecastContext {
  readonly work: WorkSample
  readonly capacity: CapacityEstimate
  readonly thresholds: Thresholds
  readonly isLowSampled: boolean
}

/** Returns the figures of a reading that the forecast needs. */
export function forecastReadingOf (
  { depthByPriority, enqueuedByPriority, ledger: { admission } }: OfferedReading,
  { work, capacity, thresholds, isLowSampled }: ForecastContext
): ForecastReading {
  const { at, arrived, worked, inWork, isPaused, isHeldUp, workers } = work
  const keptOut = (name: PriorityClass) => admission[name].shed + admission[name].sampled
  const wouldWorkersHelp = !isPaused && !isHeldUp
  return {
    at,
    depth: sum(depthByPriority),
    inWork,
    arrived,
    worked,
    workers,
    refused: sum(PRIORITY_CLASSES.map(keptOut)),
    lowOffered: sumByClass(enqueuedByPriority).low + keptOut('low'),
    // An estimate holds while nobody works, and says what would be done if somebody did.
    capacityPerSecond: workers > 0 && wouldWorkersHelp ? capacity.safePerSecond : 0,
    wouldWorkersHelp,
    limit: lowShedDepth(thresholds),
    isLowSampled
  }
}
