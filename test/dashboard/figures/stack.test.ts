import fc from 'fast-check'
import t from 'tap'
import { stack, total } from '../../../dashboard/figures/stack.js'

t.test('puts columns on top of each other', async (t) => {
  t.strictSame(stack([[1, 2], [10, 20], [100, 200]]), [[1, 2], [11, 22], [111, 222]])
})

t.test('a height above one that is not known is not known either', async (t) => {
  t.strictSame(stack([[1, null, 3], [10, 20, null], [1, 1, 1]]), [[1, null, 3], [11, null, null], [12, null, null]])
})

t.test('no column is lower than the one below it', async () => {
  const column = fc.array(fc.option(fc.nat(1_000_000)), { minLength: 5, maxLength: 5 })
  fc.assert(fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (columns) => {
    const stacked = stack(columns)
    return stacked.every((heights, place) => heights.every((height, index) => {
      const below = stacked[place - 1]?.[index]
      return height === null || below === undefined || (below !== null && height >= below)
    }))
  }))
})

t.test('a total leaves out what is not known, and is not known when nothing is', async (t) => {
  t.strictSame(total([[1, null, null], [2, 5, null]], 3), [3, 5, null])
  t.strictSame(total([], 2), [null, null])
})
