import t from 'tap'
import { median, medianSample, quantile } from '../../bench/median.ts'

for (
  const [values, expected] of [[[3], 3], [[3, 1, 2], 2], [[4, 1, 3, 2], 2.5], [[1, 1, 100], 1], [[], NaN]] as const
) {
  t.test(`the median of ${values.join(', ') || 'nothing'} is ${expected}`, async (t) =>
    t.ok(Object.is(median(values), expected)))
}

t.test('metrics have their medians each on their own', async (t) => {
  t.strictSame(medianSample([{ a: 1, b: 9 }, { a: 5, b: 1 }, { a: 2 }]), { a: 2, b: 5 })
})

t.test('a quantile is a value that is there, by nearest rank', async (t) => {
  const values = [40, 10, 30, 20]
  t.strictSame([0, 0.25, 0.26, 0.5, 0.99, 1].map((share) => quantile(values, share)), [10, 10, 20, 20, 40, 40])
  t.ok(Number.isNaN(quantile([], 0.5)))
})
