import fc from 'fast-check'
import t from 'tap'
import { rate } from '../../../cli/paint.ts'
import { formatRate } from '../../../dashboard/figures/format.js'
import { rounded } from '../../../services/admission/rate.ts'
import { timeToDrainSeconds } from '../../../services/admission/time-to-drain.ts'

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
