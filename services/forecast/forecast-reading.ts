import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import { lowShedDepth, type Thresholds } from '../admission/thresholds.ts'
import type { ForecastReading } from '../control/forecast-loop.ts'
import type { QueueReading } from '../queue/reading.ts'
import { workSampleOf } from '../queue/work-sample.ts'

/**
 * Returns the part of a reading that the forecast follows. Events outside a sample were kept out because of load, like
 * those that were refused.
 *
 * @param safePerSecond the capacity if somebody works: an estimate holds while nobody does
 */
export function forecastReadingOf (
  reading: QueueReading, thresholds: Thresholds, safePerSecond: number | undefined
): ForecastReading {
  const { at, arrived, inWork, isPaused, isHeldUp, workers } = workSampleOf(reading)
  const { admission } = reading.ledger
  const keptOut = (name: typeof PRIORITY_CLASSES[number]) => admission[name].shed + admission[name].sampled
  return {
    at,
    depth: sum(reading.depthByPriority),
    inWork,
    arrived,
    refused: sum(PRIORITY_CLASSES.map(keptOut)),
    lowOffered: sumByClass(reading.enqueuedByPriority).low + keptOut('low'),
    capacityPerSecond: workers > 0 && !isPaused && !isHeldUp ? safePerSecond : 0,
    wouldWorkersHelp: !isPaused && !isHeldUp,
    limit: lowShedDepth(thresholds)
  }
}
