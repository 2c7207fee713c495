import t from 'tap'
import fc from 'fast-check'
import { SortedWindow } from '../../../../services/control/forecast/sorted-window.ts'

t.test('has the quantiles of the last values', async (t) => {
  const window = new SortedWindow(4)
  t.ok(Number.isNaN(window.quantile(0.5)))
  const table: [value: number, median: number, quarter: number, all: number[]][] = [
    [5, 5, 5, [5]],
    [1, 3, 2, [5, 1]],
    [3, 3, 2, [5, 1, 3]],
    [3, 3, 2.5, [5, 1, 3, 3]],
    [9, 3, 2.5, [1, 3, 3, 9]],
    [2, 3, 2.75, [3, 3, 9, 2]]
  ]
  for (const [value, median, quarter, all] of table) {
    window.add(value)
    t.strictSame(
      [window.quantile(0.5), window.quantile(0.25), window.values(), window.size], [median, quarter, all, all.length]
    )
  }
})

t.test('equals sorting', async () => {
  const anyValues = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1 })
  fc.assert(fc.property(anyValues, fc.integer({ min: 1, max: 12 }), (values, size) => {
    const window = new SortedWindow(size)
    for (const value of values) window.add(value)
    const sorted = values.slice(-size).toSorted((one, other) => one - other)
    const shareOf = (index: number) => sorted.length === 1 ? 0 : index / (sorted.length - 1)
    return sorted.every((value, index) => Math.abs(window.quantile(shareOf(index)) - value) < 1e-9)
  }))
})
