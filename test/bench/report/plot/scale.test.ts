import t from 'tap'
import fc from 'fast-check'
import { linearScale, logScale } from '../../../../bench/report/plot/scale.ts'

t.test('a linear axis begins at zero', async (t) => {
  const { ticks, place } = linearScale([20, 50])
  t.strictSame(ticks, [0, 10, 20, 30, 40, 50])
  t.strictSame([0, 20, 50].map(place), [0, 0.4, 1])
})

t.test('a logarithmic axis has even factors', async (t) => {
  const { ticks, place, breakAt } = logScale([1, 10_000])
  t.strictSame(ticks, [1, 10, 100, 1_000, 10_000])
  t.strictSame([1, 100, 10_000].map(place), [0, 0.5, 1])
  t.equal(breakAt, undefined)
})

t.test('zero stands before a logarithmic axis', async (t) => {
  const { ticks, place, breakAt } = logScale([0, 1_000, 1_000_000])
  t.strictSame(ticks, [0, 1_000, 10_000, 100_000, 1_000_000])
  t.strictSame([0, 1_000, 1_000_000].map(place), [0, 0.12, 1])
  t.equal(breakAt, 0.06)
})

t.test('values below zero, or none above it, make an axis linear', async (t) => {
  t.strictSame(logScale([-10, 10]).ticks, [-10, -5, 0, 5, 10])
  t.strictSame(logScale([]).ticks, linearScale([]).ticks)
})

t.test('every value has a place on its axis, and a greater one none before a smaller', async () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })
  fc.assert(fc.property(values, fc.constantFrom(linearScale, logScale), (values, scaleOf) => {
    const sorted = values.toSorted((a, b) => a - b)
    const places = sorted.map(scaleOf(sorted).place)
    return places.every((place, index) => place >= 0 && place <= 1 && place >= (places[index - 1] ?? 0))
  }))
})
