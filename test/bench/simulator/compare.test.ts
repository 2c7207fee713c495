import t from 'tap'
import { compareRuns, depthDifference, verdicts } from '../../../bench/simulator/compare.ts'
import { RunRecord } from '../../../bench/simulator/run-record.ts'
import { THRESHOLDS } from '../../../bench/simulator/scenarios.ts'
import type { Course } from '../../../bench/simulator/simulated.ts'

/** A run of two normal events and one low event, of which one normal event waits and the low one is refused. */
function course (depths: readonly number[], waitMs: number): Course {
  const record = new RunRecord()
  for (const priorityClass of [1, 1, 2]) record.arrived(priorityClass)
  for (let offers = 0; offers < 6; offers++) record.offered()
  record.admitted(1)
  record.waited(1, waitMs)
  record.waited(1, -5)
  record.refused(30)
  record.depths.push(...depths)
  return { figures: record.figures, depths }
}

const comparison = (subject: string, [real, simulated]: readonly [number, number], depths = [0, 100]) => ({
  scenario: 'a',
  subject,
  real: { ...course(depths, real), rig: { eventsPerCall: 1, delayMs: 0, pauses: [] } },
  simulated: course([50, 100, 999], simulated)
})

t.test('figures are shares of the events, and quantiles', async (t) => {
  t.match(course([10, 30], 700).figures, {
    meanDepth: 20, highestDepth: 30, admitted: { normal: 0.5, low: 0 }, sampled: { low: 0 }, flips: 0,
    waitMs: { normal: { p50: 0, p99: 700 } }, retryAfterSeconds: 30, offersPerEvent: 2
  })
})

t.test('depths differ by the mean over the steps that both have', async (t) => {
  t.equal(depthDifference(comparison('x', [1, 1])), 25 / THRESHOLDS.critical)
  t.equal(depthDifference(comparison('x', [1, 1], [50, 100])), 0)
  t.match(compareRuns(comparison('x', [700, 600])), /wait of normal, p99 ms +700 +600 +-100\n/)
})

t.test('a verdict compares the directions of changes', async (t) => {
  const first = comparison('static', [500, 500])
  const verdict = (changed: readonly [number, number]) =>
    /p99 wait of normal.* (yes|no)$/m.exec(verdicts([first, comparison('smooth', changed)]))?.[1]
  t.equal(verdict([600, 700]), 'yes')
  t.equal(verdict([400, 300]), 'yes')
  t.equal(verdict([400, 700]), 'no')
  t.equal(verdict([500, 700]), 'no')
})
