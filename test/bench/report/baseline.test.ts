import t from 'tap'
import fc from 'fast-check'
import { baselineOf, compareWithBaseline } from '../../../bench/report/baseline.ts'
import { ratioOf, resultOf, scenarioOf } from './result.ts'

const compare = (value: number, before: number, bar?: { atLeast?: number, atMost?: number }, tolerance?: number) =>
  compareWithBaseline(resultOf(scenarioOf({ ratios: [ratioOf({ value, bar })] })), { single: { accepts: before } }, tolerance === undefined ? undefined : () => tolerance)

t.test('the bar tells which side is better', async (t) => {
  const table: [lines: string[], value: number, before: number, bar?: { atLeast?: number, atMost?: number }][] = [
    [['worse: single, accepts: 0.80, 1.00 before (-20 %)'], 0.8, 1, { atLeast: 0.95 }],
    [['better: single, accepts: 2.40, 2.00 before (+20 %)'], 2.4, 2, { atLeast: 2 }],
    [['worse: single, accepts: 1.50, 1.00 before (+50 %)'], 1.5, 1, { atMost: 1.15 }],
    [['better: single, accepts: 0.50, 1.00 before (-50 %)'], 0.5, 1, { atMost: 1.15 }],
    [['changed: single, accepts: 1.20, 1.00 before (+20 %)'], 1.2, 1],
    [['changed: single, accepts: 0.80, 1.00 before (-20 %)'], 0.8, 1, { atLeast: 0.9, atMost: 1.1 }],
    [[], 0.91, 1, { atLeast: 0.95 }],
    [[], 1.09, 1, { atMost: 1 }],
    [[], 0, 0, { atMost: 1 }],
    [['gone: single, accepts: no figure, 1.00 before'], NaN, 1, { atMost: 1 }]
  ]
  for (const [lines, value, before, bar] of table) t.strictSame(compare(value, before, bar), lines, `${value} after ${before}`)
})

t.test('the tolerance can be set for a ratio', async (t) => {
  t.strictSame(compare(0.8, 1, { atLeast: 0.95 }, 0.25), [])
  t.equal(compare(0.97, 1, { atLeast: 0.95 }, 0.02).length, 1)
})

t.test('tells of what is new and what is gone, the worst first, and nothing of scenarios that were not run', async (t) => {
  const ratios = [ratioOf({ what: 'fresh', value: 3 }), ratioOf({ what: 'up', value: 2 }), ratioOf({ what: 'down', value: 0.5 })]
  const baseline = { single: { up: 1, down: 1, absent: 1.234 }, other: { accepts: 1 } }
  t.strictSame(compareWithBaseline(resultOf(scenarioOf({ ratios })), baseline), [
    'worse: single, down: 0.50, 1.00 before (-50 %)',
    'gone: single, absent: not measured, 1.23 before',
    'better: single, up: 2.00, 1.00 before (+100 %)',
    'new: single, fresh: 3.00'
  ])
  t.strictSame(compareWithBaseline(resultOf(scenarioOf({ name: 'constructor', ratios: [ratioOf()] })), {}), ['new: constructor, accepts: 0.97'])
})

t.test('a baseline keeps three digits, and what it knew of other scenarios', async (t) => {
  const result = resultOf(scenarioOf({ ratios: [ratioOf({ value: 12.3456 }), ratioOf({ what: 'none', value: NaN })] }), scenarioOf({ name: 'no-ratios' }))
  t.strictSame(baselineOf(result, { single: { old: 1 }, other: { accepts: 1 } }), { single: { accepts: 12.3 }, other: { accepts: 1 } })
})

t.test('a result is no change to its own baseline', async () => {
  const figure = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.string(), figure), { selector: ([what]) => what }), (pairs) => {
    const result = resultOf(scenarioOf({ ratios: pairs.map(([what, value]) => ratioOf({ what, value })) }))
    return compareWithBaseline(result, baselineOf(result)).length === 0
  }))
})
