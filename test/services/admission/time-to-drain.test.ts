import fc from 'fast-check'
import t from 'tap'
import { rate } from '../../../cli/paint.ts'
import { formatRate } from '../../../dashboard/figures/format.js'
import { mulberry32 } from '../../../rig/random.ts'
import { rounded } from '../../../services/admission/rate.ts'
import { drainSeconds, fallSeconds, timeToDrainSeconds } from '../../../services/admission/time-to-drain.ts'

t.test('is the depth by the net rate, and nothing where the queue does not get shorter', async (t) => {
  const table: [depth: number, arrivalRate: number, drainRate: number, seconds: number | null][] = [
    [0, 0, 0, 0],
    [0, 90, 0, 0],
    [300, 100, 120, 15],
    [300, 100, 100, null],
    [300, 100, 90, null],
    [300, 0, 0, null],
    [300, 0, 0.3, 1_000],
    [12_000, 29, 23, null],
    [300, 22.6, 23.4, null], [300, 9.9, 10, 3_000]
  ]
  for (const [depth, arrivalRate, drainRate, seconds] of table) {
    t.equal(
      timeToDrainSeconds({ depth, arrivalRate, drainRate }),
      seconds,
      `${depth} at ${arrivalRate}/s in and ${drainRate}/s out`
    )
  }
})

t.test('follows from the rates that the page and the command show beside it', async () => {
  const rates = fc
    .oneof(fc.double({ min: 0, max: 12, noNaN: true }), fc.double({ min: 0, max: 1e5, noNaN: true }))
    .map(rounded)
  for (const show of [formatRate, rate]) {
    const shown = (value: number) => Number(show(value).replaceAll(',', ''))
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), rates, rates, (depth, arrivalRate, drainRate) => {
      const seconds = timeToDrainSeconds({ depth, arrivalRate, drainRate })
      const net = shown(drainRate) - shown(arrivalRate)
      return net > 0 ? seconds !== null && Math.abs(seconds - depth / net) <= 1 : seconds === null
    }))
  }
})

t.test('a queue falls by some events as soon as a random walk with its drift does, as likely as not', async (t) => {
  const table: [netRate: number, turnover: number, events: number][] = [[0, 100, 10], [2, 40, 12], [-0.5, 80, 8]]
  for (const [netRate, turnover, events] of table) {
    const estimate = fallSeconds(events, netRate, turnover)
    // A walk by steps of a hundredth of the estimate, from a fixed seed, misses a few passages between two steps.
    const random = mulberry32(1)
    const step = estimate / 100
    let passed = 0
    for (let walk = 0; walk < 2_000; walk++) {
      let left = events
      for (let count = 0; count < 100 && left > 0; count++) {
        left -= netRate * step + (random() < 0.5 ? -1 : 1) * Math.sqrt(turnover * step)
      }
      if (left <= 0) passed++
    }
    t.ok(Math.abs(passed / 2_000 - 0.5) < 0.06, `${netRate} per second: ${passed / 2_000} within ${estimate} s`)
  }
})

t.test('many events fall at the net rate, and none does from a queue that grows', async (t) => {
  t.ok(Math.abs(fallSeconds(10_000, 50, 100) / drainSeconds(10_000, 50) - 1) < 0.001)
  t.equal(fallSeconds(10_000, -50, 100), Infinity)
  t.equal(fallSeconds(10_000, 0, 0), Infinity)
})

t.test('more events never fall sooner, a faster drain never takes longer', async () => {
  const positive = fc.double({ min: 0.1, max: 1e6, noNaN: true })
  fc.assert(fc.property(positive, positive, positive, positive, positive, (one, other, slow, fast, turnover) => (
    fallSeconds(Math.min(one, other), Math.max(slow, fast), turnover) <=
      fallSeconds(Math.max(one, other), Math.min(slow, fast), turnover)
  )))
})
