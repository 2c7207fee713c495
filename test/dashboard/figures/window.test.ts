import fc from 'fast-check'
import t from 'tap'
import { firstIndex, spreadIndices } from '../../../dashboard/figures/window.js'

t.test('a window begins one second to the left of its edge', async (t) => {
  t.strictSame([0, 10, 11, 25, 40, 99].map((from) => firstIndex([10, 20, 30, 40], from)), [0, 0, 0, 1, 2, 3])
  t.equal(firstIndex([], 5), 0)
})

t.test('picks at most so many, the last one always', async () => {
  fc.assert(fc.property(fc.nat(100), fc.nat(4_000), fc.integer({ min: 1, max: 20 }), (first, length, count) => {
    const last = first + length
    const indices = spreadIndices(first, last, count)
    return indices.length <= count && indices.at(-1) === last &&
      indices.every((index, place) => index >= first && (place === 0 || index > (indices[place - 1] as number)))
  }))
})
