import t from 'tap'
import fc from 'fast-check'
import { baselineOf, compareWithBaseline, comparison } from '../../../bench/report/baseline.ts'
import type { RatioResult } from '../../../bench/result.ts'
import { ratioOf, resultOf, scenarioOf } from './result.ts'

const compare = (before: number, ratio: Partial<RatioResult>, tolerance?: number) =>
  compareWithBaseline(resultOf(scenarioOf({ ratios: [ratioOf(ratio)] })), { single: { accepts: before } }, tolerance)

t.test('the bar tells which side is better', async (t) => {
  const table: [lines: string[], value: number, before: number, bar?: { atLeast?: number, atMost?: number }][] = [
    [['worse: single, accepts: 0.80, 1.00 before (-20 %)'], 0.8, 1, { atLeast: 0.95 }],
    [['better: single, accepts: 2.40, 2.00 before (+20 %)'], 2.4, 2, { atLeast: 2 }],
    [['worse: single, accepts: 1.50, 1.00 before (+50 %)'], 1.5, 1, { atMost: 1.15 }],
    [['better: single, accepts: 0.50, 1.00 before (-50 %)'], 0.5, 1, { atMost: 1.15 }],
    [['changed: single, accepts: 0.80, 1.00 before (-20 %)'], 0.8, 1, { atLeast: 0.9, atMost: 1.1 }],
    [[], 0.91, 1, { atLeast: 0.95 }],
    [[], 1.09, 1, { atMost: 1 }],
    [[], 0, 0, { atMost: 1 }],
    [['gone: single, accepts: no figure, 1.00 before'], NaN, 1, { atMost: 1 }]
  ]
  for (const [lines, value, before, bar] of table)
    t.strictSame(compare(before, { value, bar }), lines, `${value} after ${before}`)
})

t.test('without a bar the metric tells which side is better, if any', async (t) => {
  const table: [lines: string[], metric: string, value: number][] = [
    [['worse: single, accepts: 0.80, 1.00 before (-20 %)'], 'eventsPerSecond', 0.8],
    [['worse: single, accepts: 1.20, 1.00 before (+20 %)'], 'serverMicrosPerEvent', 1.2],
    [['changed: single, accepts: 1.20, 1.00 before (+20 %)'], 'capacityShare', 1.2]
  ]
  for (const [lines, metric, value] of table) t.strictSame(compare(1, { value, metric, bar: undefined }), lines, metric)
})

t.test('times by themselves are neither compared nor kept', async (t) => {
  const times = [
    ratioOf({ what: 'a', kind: 'difference', metric: 'p99Ms' }),
    ratioOf({ what: 'b', kind: 'value', metric: 'largestP99Nanos' })
  ]
  const result = resultOf(scenarioOf({ ratios: times }))
  t.strictSame(compareWithBaseline(result, {}), [])
  t.strictSame(baselineOf(result), {})
  const kept =
    resultOf(scenarioOf({
      ratios: [
        ...times,
        ratioOf({ what: 'c', metric: 'p50Ms', value: 1 }),
        ratioOf({ what: 'd', kind: 'value', metric: 'redisBytesPerEvent', value: 300 })
      ]
    }))
  t.strictSame(baselineOf(kept), { single: { c: 1, d: 300 } })
})

t.test('the tolerance can be set', async (t) => {
  t.strictSame(compare(1, { value: 0.8 }, 0.25), [])
  t.equal(compare(1, { value: 0.97 }, 0.02).length, 1)
})

t.test('tells of what is new and what is gone, the worst first, and nothing of scenarios that were not run', async (t) => {
  const ratios = [
    ratioOf({ what: 'fresh', value: 3 }),
    ratioOf({ what: 'up', value: 2 }),
    ratioOf({ what: 'down', value: 0.5 })
  ]
  const baseline = { single: { up: 1, down: 1, absent: 1.234 }, other: { accepts: 1 } }
  t.strictSame(compareWithBaseline(resultOf(scenarioOf({ ratios })), baseline), [
    'worse: single, down: 0.50, 1.00 before (-50 %)',
    'gone: single, absent: not measured, 1.23 before',
    'better: single, up: 2.00, 1.00 before (+100 %)',
    'new: single, fresh: 3.00'
  ])
  t.strictSame(compareWithBaseline(resultOf(scenarioOf({ name: 'constructor', ratios: [ratioOf()] })), {}), [
    'new: constructor, ratios: 1'
  ], 'a scenario that is not known')
})

t.test('a comparison says what it is one with, and that nothing changed', async (t) => {
  t.equal(comparison(['new: a'], 0.2), 'Compared with bench/baseline.json, changes beyond 20 %:\nnew: a')
  t.equal(comparison([], 0.1), 'Compared with bench/baseline.json, changes beyond 10 %:\nnone')
})

t.test('a baseline keeps three digits, and what it knew of other scenarios', async (t) => {
  const result = resultOf(
    scenarioOf({ ratios: [ratioOf({ value: 12.3456 }), ratioOf({ what: 'none', value: NaN })] }),
    scenarioOf({ name: 'no-ratios' })
  )
  t.strictSame(baselineOf(result, { single: { old: 1 }, other: { accepts: 1 } }), {
    single: { accepts: 12.3 },
    other: { accepts: 1 }
  })
})

t.test('a result is no change to its own baseline', async () => {
  const figure = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.string(), figure), { selector: ([what]) => what }), (pairs) => {
    const result = resultOf(scenarioOf({ ratios: pairs.map(([what, value]) => ratioOf({ what, value })) }))
    return compareWithBaseline(result, baselineOf(result)).length === 0
  }))
})
