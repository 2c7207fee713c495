import fc from 'fast-check'
import t from 'tap'
import { leastSquares } from '../../../bench/scale/least-squares.ts'

const isNear = (one: number, other: number) => Math.abs(one - other) <= 1e-5 * Math.max(1, Math.abs(other))

const TABLE: [rows: number[][], targets: number[], coefficients: number[]][] = [
  [[[1], [2]], [3, 6], [3]],
  [[[1, 0], [0, 1], [1, 1]], [2, 5, 7], [2, 5]],
  // The best line would have a slope of -1: without a negative one, the mean is the best.
  [[[1, 0], [1, 1], [1, 2]], [3, 2, 1], [2, 0]],
  // A term that never occurs costs nothing.
  [[[1, 0], [2, 0]], [3, 6], [3, 0]],
  [[], [], []]
]

for (const [rows, targets, coefficients] of TABLE) {
  t.test(`${JSON.stringify(rows)} and ${JSON.stringify(targets)} give ${JSON.stringify(coefficients)}`, async (t) => {
    const found = leastSquares(rows, targets)
    t.equal(found.length, coefficients.length)
    t.ok(found.every((value, term) => isNear(value, coefficients[term]!)), JSON.stringify(found))
  })
}

const matrix = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)), { minLength: 3, maxLength: 12 })
  .map((rows) => [[10, 0, 0], [0, 10, 0], [0, 0, 10], ...rows])

t.test('exact measurements give back their costs', async () => {
  fc.assert(fc.property(matrix, fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000)), (rows, costs) => {
    const found = leastSquares(rows, rows.map((row) => row.reduce((sum, value, term) => sum + value * costs[term]!, 0)))
    return found.every((value, term) => isNear(value, costs[term]!))
  }))
})

t.test('no coefficient is negative, and none of them could be better alone', async () => {
  const targets = fc.array(fc.integer({ min: -100, max: 1_000 }), { minLength: 15, maxLength: 15 })
  fc.assert(fc.property(matrix, targets, (rows, all) => {
    const own = all.slice(0, rows.length)
    const found = leastSquares(rows, own)
    const error = (costs: readonly number[]) => rows.reduce((sum, row, index) =>
      sum + (row.reduce((part, value, term) => part + value * costs[term]!, 0) - own[index]!) ** 2, 0)
    const least = error(found)
    return found.every((value, term) => value >= 0 && [-0.01, 0.01].every((step) =>
      error(found.with(term, Math.max(0, value + step))) >= least - 1e-6 * Math.max(1, least)))
  }))
})
