import t from 'tap'
import { capacityOf, laterBy } from '../../../simulate/world/capacity.ts'

const speeds = (capacity: ReturnType<typeof capacityOf>, times: readonly number[]) =>
  times.map((at) => capacity.speedAt(at))

t.test('the second third has a fraction of the capacity, and a stall none', async (t) => {
  const capacity = capacityOf({
    change: 5, oscillationMs: 0, stalls: [{ atMs: 290, forMs: 20 }, { atMs: 700, forMs: 50 }]
  }, 900)
  t.strictSame(speeds(capacity, [0, 289, 290, 309, 310, 599, 600, 700, 749, 750]), [1, 1, 0, 0, 0.2, 0.2, 1, 0, 0, 1])
  t.equal(capacity.nextChange(0), 290)
  t.equal(capacity.nextChange(750), Infinity)
})

t.test('an oscillating consumer alternates in the second third, and its mean stays', async (t) => {
  const capacity = capacityOf({ change: 1, oscillationMs: 100, stalls: [] }, 900)
  t.strictSame(speeds(capacity, [299, 300, 349, 350, 400, 599, 600]), [1, 1.6, 1.6, 0.4, 1.6, 0.4, 1])
  t.equal(capacity.nextChange(300), 350)
  t.equal(capacity.nextChange(600), Infinity)
})

t.test('what a recording measured multiplies the other changes, and stays at its time in a part', async (t) => {
  const options = {
    change: 2, oscillationMs: 0, stalls: [{ atMs: 500, forMs: 50 }], measured: [{ atMs: 400, speed: 0.5 }]
  }
  t.strictSame(speeds(capacityOf(options, 900), [299, 300, 400, 500, 550, 600]), [1, 0.5, 0.25, 0, 0.25, 0.5])
  const later = laterBy(100, { ...options, oscillationMs: 80 })
  t.strictSame(later, {
    change: 2, oscillationMs: 80, stalls: [{ atMs: 400, forMs: 50 }], measured: [{ atMs: 300, speed: 0.5 }]
  })
})
