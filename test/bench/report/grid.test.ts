import t from 'tap'
import { barCount, subjectGrid } from '../../../bench/report/grid.ts'
import type { Sample } from '../../../bench/result.ts'
import { ratioOf, scenarioOf } from './result.ts'

const gridOf = (...medians: Sample[]) =>
  subjectGrid(scenarioOf({ subjects: medians.map((median, index) => ({ name: `s${index}`, samples: [], median })) }))

t.test('what is zero throughout has no column', async (t) => {
  t.strictSame(gridOf({ failed: 0, late: 0, p50Ms: 1 }, { failed: 2, late: 0 }), {
    head: ['subject', 'failed', 'p50 ms'],
    rows: [['s0', '0', '1'], ['s1', '2', '-']]
  })
})

t.test('many metrics of one subject are a row each, written each on its own', async (t) => {
  const median = {
    ...Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`m${index}Ms`, index + 1])),
    p99Nanos: 460.25
  }
  const { head, rows } = gridOf(median)
  t.strictSame(head, ['metric', 's0'])
  t.strictSame(rows.slice(-2), [['m6 ms', '7'], ['p99 ns', '460']])
  t.equal(gridOf(median, {}).rows.length, 2)
})

t.test('without metrics there is no row', async (t) =>
  t.strictSame(gridOf({ failed: 0 }, {}), { head: ['subject'], rows: [] }))

t.test('counts bars, and says nothing where there is none', async (t) => {
  t.strictSame(barCount([ratioOf(), ratioOf({ value: 0.5 }), ratioOf({ bar: undefined })]), ['1 of 2 bars reached'])
  t.strictSame(barCount([ratioOf({ bar: undefined })]), [])
})
