import t from 'tap'
import { Histogram } from '../../../simulate/measure/histogram.ts'
import { intervalOf, meanOf } from '../../../simulate/measure/mean.ts'
import { Minutes } from '../../../simulate/measure/minutes.ts'
import { Recovery } from '../../../simulate/measure/recovery.ts'
import { RetryAccuracy } from '../../../simulate/measure/retry-accuracy.ts'
import { Starvation } from '../../../simulate/measure/starvation.ts'

const isNear = (value: number | null, expected: number, tolerance: number) =>
  Math.abs((value ?? NaN) - expected) <= tolerance

t.test('a quantile is exact to some percent', async (t) => {
  const histogram = new Histogram()
  t.equal(histogram.quantile(0.5), 0)
  for (let value = 1; value <= 1_000; value++) histogram.add(value)
  t.ok(isNear(histogram.quantile(0.5), 500, 10))
  t.ok(isNear(histogram.quantile(0.99), 990, 20))
  t.ok(isNear(histogram.quantile(1), 1_000, 20))
})

t.test('the accuracy of Retry-After is the suggested wait by the true one, which is a second or more', async (t) => {
  const accuracy = new RetryAccuracy()
  t.equal(accuracy.quantile(0.5), null)
  accuracy.refused(1, 20, 0)
  accuracy.admitted(2, 5_000)
  t.equal(accuracy.quantile(0.5), null, 'another class says nothing')
  accuracy.admitted(1, 10_000)
  t.ok(isNear(accuracy.quantile(0.5), 2, 0.03))
  accuracy.refused(2, 3, 20_000)
  accuracy.refused(2, Infinity, 20_000)
  accuracy.admitted(2, 20_010)
  t.ok(isNear(accuracy.quantile(1), 3, 0.05))
})

t.test('a minute is within the budget if 99 of 100 events were in time', async (t) => {
  const minutes = new Minutes()
  t.equal(minutes.shareWithinBudget, 1, 'no offers')
  minutes.offered(0)
  t.equal(minutes.shareWithinBudget, 0, 'none admitted')
  const take = (minute: number, inTime: number) => {
    for (let index = 0; index < 100; index++) {
      minutes.admitted(minute * 60_000)
      if (index < inTime) minutes.inTime(minute * 60_000)
    }
  }
  take(0, 99)
  t.equal(minutes.shareWithinBudget, 1)
  take(2, 98)
  t.equal(minutes.shareWithinBudget, 0.5)
})

t.test('recovery lasts from the end of an overload to the first calm second', async (t) => {
  const recovery = new Recovery()
  const pass = (seconds: number, work: number, isCalm: boolean) => {
    for (let second = 0; second < seconds; second++) recovery.second(work, 10, isCalm)
  }
  pass(20, 5, true)
  t.equal(recovery.meanSeconds, 0, 'no overload')
  pass(20, 20, false)
  pass(30, 0, false)
  pass(5, 5, true)
  // Ten seconds of twenty are over capacity until five of them have left the window.
  t.equal(recovery.meanSeconds, 26)
})

t.test('an interval holds the true mean, and one value has none', async (t) => {
  t.strictSame(intervalOf([3]), { mean: 3, low: 3, high: 3 })
  const { mean, low, high } = intervalOf([1, 2, 3])
  t.equal(mean, 2)
  t.ok(isNear(high - low, 2 * 4.303 / Math.sqrt(3), 0.001))
  t.strictSame(meanOf([{ a: 1, b: { c: null } }, { a: 3, b: { c: 4 } }]), { a: 2, b: { c: 4 } })
})

t.test('a class starves from its first offer until work on one of its events begins', async (t) => {
  const starvation = new Starvation()
  starvation.offered(2, 1_000)
  starvation.offered(2, 5_000)
  t.equal(starvation.longestSeconds(2), 4, 'up to the last offer')
  starvation.started(2, 9_000)
  t.equal(starvation.longestSeconds(2), 8)
  starvation.started(2, 60_000)
  t.equal(starvation.longestSeconds(2), 8, 'nobody was kept waiting meanwhile')
  t.equal(starvation.longestSeconds(0), 0)
})
