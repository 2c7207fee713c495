import t from 'tap'
import { forecastReadingOf } from '../../../services/control/forecast-reading.ts'
import type { CapacityEstimate, WorkSample } from '../../../services/control/capacity.ts'

const WORK: WorkSample = {
  at: 5_000, arrived: 900, worked: 700, completed: 690, waiting: 60, inWork: 40, workers: 2, slots: 40, takenSlots: 40,
  isPaused: false, isHeldUp: false
}
const CAPACITY: CapacityEstimate = {
  perSecond: 60, safePerSecond: 50, evidence: 'busy', isMeasured: true, ageMs: 0
}
const thresholds = { recovery: 100, warning: 500, critical: 1_000, hardLimit: 5_000 }
const byPriority = (critical: number, low: number) => [0, critical, 0, 0, 0, 0, 0, 0, 0, low, 0]
const READING = {
  depthByPriority: byPriority(20, 80),
  enqueuedByPriority: byPriority(300, 600),
  ledger: {
    admission: { critical: { shed: 1, sampled: 0 }, normal: { shed: 20, sampled: 5 }, low: { shed: 300, sampled: 70 } }
  }
}
const readingOf = (work: Partial<WorkSample> = {}) => forecastReadingOf(READING, {
  work: { ...WORK, ...work }, capacity: CAPACITY, thresholds, isLowSampled: true
})

t.test('events that were refused or left out of a sample count as if they had come', async (t) => {
  t.strictSame(readingOf(), {
    at: 5_000, depth: 100, inWork: 40, arrived: 900, worked: 700, workers: 2, refused: 396, lowOffered: 970,
    capacityPerSecond: 50,
    wouldWorkersHelp: true, limit: 800, isLowSampled: true
  })
})

t.test('nobody works while work is paused, the consumer is away or there are no workers', async (t) => {
  t.match(readingOf({ isPaused: true }), { capacityPerSecond: 0, wouldWorkersHelp: false })
  t.match(readingOf({ isHeldUp: true }), { capacityPerSecond: 0, wouldWorkersHelp: false })
  t.match(readingOf({ workers: 0 }), { capacityPerSecond: 0, wouldWorkersHelp: true })
})
