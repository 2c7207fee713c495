import fc from 'fast-check'
import t from 'tap'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { MOST_RUNS, RefusalRuns, RefusedSince, type Refused } from '../../../services/history/refusals.ts'

const low = (events: number, reason = 'circuit-open'): Refused => ({ priorityClass: 'low', reason, events })
const normal = (events: number): Refused => ({ priorityClass: 'normal', reason: 'circuit-open', events })

t.test('tells what came to the totals since the last look', async (t) => {
  const since = new RefusedSince()
  const totals = new Map<string, Record<PriorityClass, number>>()
  t.strictSame(since.take(totals), [])
  totals.set('queue-full', { critical: 1, normal: 0, low: 5 })
  t.strictSame(since.take(totals), [{ priorityClass: 'critical', reason: 'queue-full', events: 1 }, {
    priorityClass: 'low',
    reason: 'queue-full',
    events: 5
  }])
  t.strictSame(since.take(totals), [])
  totals.get('queue-full')!.low += 2
  t.strictSame(since.take(totals), [{ priorityClass: 'low', reason: 'queue-full', events: 2 }])
})

t.test('seconds that follow one another are one run, for each class and reason', async (t) => {
  const runs = new RefusalRuns()
  runs.record([low(3), normal(1)], 100)
  runs.record([low(4)], 101)
  runs.record([], 102)
  runs.record([low(5), low(6, 'queue-full')], 103)
  t.strictSame(runs.runs, [
    { from: 102_000, to: 103_000, ...low(5) },
    { from: 102_000, to: 103_000, ...low(6, 'queue-full') },
    { from: 99_000, to: 101_000, ...low(7) },
    { from: 99_000, to: 100_000, ...normal(1) }
  ])
})

t.test('no refusal is lost, and the latest runs stay when there are too many', async (t) => {
  const second = fc.uniqueArray(fc.constantFrom(low(1), low(2, 'queue-full'), normal(3)), { maxLength: 3 })
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(second, { maxLength: 120 }), (seconds) => {
    const runs = new RefusalRuns()
    for (const [index, refused] of seconds.entries()) runs.record(refused, index + 1)
    const expected = seconds.flat().reduce((sum, { events }) => sum + events, 0)
    const told = runs.runs.reduce((sum, { events }) => sum + events, 0)
    const ends = runs.runs.map(({ to }) => to)
    t.strictSame(ends, ends.toSorted((a, b) => b - a), 'newest first')
    return runs.runs.length < MOST_RUNS ? told === expected : runs.runs.length === MOST_RUNS && told <= expected
  })))
})
