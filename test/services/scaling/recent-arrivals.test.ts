import t from 'tap'
import fc from 'fast-check'
import { RecentArrivals, totalOf } from '../../../services/scaling/recent-arrivals.ts'

/** Follows events per second in steps of a fifth of a second, and returns the surges that showed. */
function follow (rates: readonly number[], arrivals = new RecentArrivals(60_000), from = 0) {
  let arrived = 0
  const surges: number[] = []
  rates.forEach((rate, second) => {
    for (let step = 1; step <= 5; step++) {
      arrived += rate / 5
      arrivals.observe(from + (second + step / 5) * 1_000, { critical: 0, normal: arrived, low: 0 })
      const { surge } = arrivals
      if (surge !== undefined) surges.push(totalOf(surge))
    }
  })
  return { arrivals, surges }
}

const seconds = (count: number, rate: number) => Array.from({ length: count }, () => rate)

t.test('knows no rate before two seconds, and a constant one exactly', async (t) => {
  t.equal(follow(seconds(1, 50)).arrivals.steady, undefined)
  const { arrivals } = follow(seconds(10, 50))
  t.ok(Math.abs(totalOf(arrivals.steady!) - 50) < 1e-6)
  t.ok(Math.abs(totalOf(arrivals.present!) - 50) < 1e-6)
})

t.test('a minute halves the weight of the past in one rate, and ten seconds in the other', async (t) => {
  const { arrivals } = follow([...seconds(600, 100), ...seconds(60, 0)])
  t.ok(Math.abs(totalOf(arrivals.steady!) - 50) < 0.5, String(totalOf(arrivals.steady!)))
  t.ok(Math.abs(totalOf(arrivals.present!) - 100 / 64) < 0.5, String(totalOf(arrivals.present!)))
})

t.test('a jump that lasts is a surge, at its own rate, and ends when the steady rate has come up', async (t) => {
  const { surges } = follow([...seconds(120, 50), ...seconds(14, 200)])
  t.ok(surges.length > 0)
  t.ok(Math.abs(surges.at(-1)! - 200) < 1)
  t.equal(follow([...seconds(120, 50), ...seconds(400, 200)]).arrivals.surge, undefined)
})

t.test('one large request is no surge, whenever it comes', async (t) => {
  for (let second = 0; second < 20; second++) {
    t.strictSame(follow([...seconds(120 + second, 20), 10_000, 10_000, ...seconds(30, 20)]).surges, [], `after ${120 + second} s`)
  }
})

t.test('chance is seldom a surge', async (t) => {
  const drawn = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 60, maxLength: 120 })
  t.doesNotThrow(() => fc.assert(fc.property(drawn, (rates) => follow([...seconds(60, 10), ...rates]).surges
    .every((rate) => rate > 10))))
})

t.test('counts that go back, gaps and a clock that was set count as nothing', async (t) => {
  const arrivals = new RecentArrivals(60_000)
  const at = (ms: number, low: number) => arrivals.observe(ms, { critical: 0, normal: 0, low })
  at(0, 1_000)
  at(1_000, 1_100)
  at(2_000, 1_200)
  at(3_000, 0)
  t.ok(Math.abs(totalOf(arrivals.steady!) - 200 / 3) < 1)
  at(60_000, 1e9)
  at(2_000, 1e9)
  t.ok(totalOf(arrivals.steady!) < 100)
  arrivals.lose()
  at(3_000, 2e9)
  t.ok(totalOf(arrivals.steady!) < 100)
})

t.test('counts that others book late, after a time without readings, are no arrivals', async (t) => {
  const { arrivals } = follow(seconds(60, 10))
  arrivals.lose()
  const late = follow([5_000, ...seconds(60, 10)], arrivals, 120_000)
  t.ok(Math.abs(totalOf(late.arrivals.steady!) - 10) < 1, String(totalOf(late.arrivals.steady!)))
})
