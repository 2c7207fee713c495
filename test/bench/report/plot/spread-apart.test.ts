import t from 'tap'
import fc from 'fast-check'
import { spreadApart } from '../../../../bench/report/plot/spread-apart.ts'

t.test('moves only what is too close', async (t) => {
  t.strictSame(spreadApart([10, 50, 90], 18, 0, 100), [10, 50, 90])
  t.strictSame(spreadApart([50, 52, 10], 18, 0, 100), [50, 68, 10])
  t.strictSame(spreadApart([98, 99], 18, 0, 100), [82, 100])
  t.strictSame(spreadApart([], 18, 0, 100), [])
})

t.test('others keep their gap and their order, and stay inside while there is room', async () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 15 }), (wanted) => {
    const places = spreadApart(wanted, 18, 0, 200)
    const order = wanted.map((_, index) => index).toSorted((a, b) =>
      (wanted[a] as number) - (wanted[b] as number) || a - b
    )
    const sorted = order.map((index) => places[index] as number)
    const last = Math.max(200, 18 * (wanted.length - 1))
    return sorted.every((place, index) =>
      place >= 0 && place <= last && (index === 0 || place - (sorted[index - 1] as number) >= 18)
    )
  }))
})
