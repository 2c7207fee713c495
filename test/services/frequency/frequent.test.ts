import fc from 'fast-check'
import t from 'tap'
import { Frequent, NO_PLACE } from '../../../services/frequency/frequent.ts'

const steps = fc.array(fc.record({
  key: fc.nat({ max: 15 }), amount: fc.double({ min: 0.01, max: 100, noNaN: true }), factor: fc.constantFrom(1, 1, 1, 0.5)
}), { maxLength: 200 })

t.test('a count is off by no more than its error, which is no more than a share of all, for any amounts', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(steps, fc.integer({ min: 1, max: 10 }), (steps, room) => {
    const frequent = new Frequent({ room, mostReplaced: Infinity, onReplaced: () => {} })
    const truth = new Map<string, number>()
    let all = 0
    for (const { key, amount, factor } of steps) {
      frequent.add(`${key}`, amount)
      truth.set(`${key}`, (truth.get(`${key}`) ?? 0) + amount)
      all += amount
      if (factor === 1) continue
      frequent.fade(factor)
      all *= factor
      for (const [name, sum] of truth) truth.set(name, sum * factor)
    }
    return [...truth].every(([key, sum]) => {
      const place = frequent.placeOf(key)
      if (place === NO_PLACE) return sum <= all / room + 1e-6
      const [count, error] = [frequent.countAt(place), frequent.errorAt(place)]
      return count - error <= sum + 1e-6 && sum <= count + 1e-6 && error <= all / room + 1e-6
    })
  })))
})

t.test('tells before a place goes to another key, and gives a bounded number away between two fadings', async (t) => {
  const replaced: number[] = []
  const frequent = new Frequent({ room: 2, mostReplaced: 1, onReplaced: (place) => replaced.push(place) })
  t.strictSame(['a', 'b', 'b', 'b', 'c', 'd'].map((key) => frequent.add(key, 1)), [0, 1, 1, 1, 0, NO_PLACE])
  t.strictSame(replaced, [0])
  t.equal(frequent.passedOver, 1)
  frequent.fade(0.5)
  t.strictSame([frequent.passedOver, frequent.add('d', 1)], [0.5, 0])
  t.strictSame(frequent.keys, ['d', 'b'])
})
