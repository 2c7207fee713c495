import t from 'tap'
import type { Signals } from '../../../services/backpressure/signals.ts'
import { timeToDrainSeconds } from '../../../services/backpressure/time-to-drain.ts'

t.test('follows from the rates of what is admitted', async (t) => {
  const arrivals = [0, 10, 0, 0, 0, 90, 0, 0, 0, 0, 0]
  const table: [depth: number, drainRate: number, lastAdmitted: number, seconds: number | null][] = [
    [0, 0, 10, 0], [300, 120, 10, 15], [300, 100, 10, null], [300, 90, 10, null], [300, 0, 10, null],
    [300, 100, 1, 4], [300, 60, 1, 6], [300, 10, 1, null], [300, 100.04, 10, null]
  ]
  for (const [depth, drainRate, lastAdmitted, seconds] of table) {
    const signals = { isDepthKnown: true, depth, drainRate, arrivalRateByPriority: arrivals } as unknown as Signals
    t.equal(timeToDrainSeconds(signals, (priority) => priority <= lastAdmitted), seconds, `${depth} at ${drainRate}/s, admitted to ${lastAdmitted}`)
    t.equal(timeToDrainSeconds({ ...signals, isDepthKnown: false }, () => true), null, 'a depth that is not known')
  }
})
