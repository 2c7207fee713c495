import t from 'tap'
import fc from 'fast-check'
import { Histogram } from '../../../rig/load/histogram.ts'

t.test('quantiles of short latencies are exact', async (t) => {
  const histogram = new Histogram()
  for (let micros = 1; micros <= 100; micros++) histogram.record(micros / 1_000)
  for (const [share, ms] of [[0.5, 0.05], [0.99, 0.099], [0.999, 0.1], [1, 0.1], [0, 0.001]] as const)
    t.equal(histogram.quantileMs(share), ms, `p${share * 100}`)
  t.equal(histogram.total, 100)
})

t.test('nothing counted is a quantile of 0', async (t) => t.equal(new Histogram().quantileMs(0.5), 0))

t.test('a latency is found again, at most a thousandth too high', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (micros) => {
    const histogram = new Histogram()
    histogram.record(micros / 1_000)
    const found = Math.round(histogram.quantileMs(1) * 1_000)
    return found >= micros && found <= micros * 1.001
  }))
})

t.test('what is longer or shorter than it can hold counts as the longest or the shortest', async (t) => {
  const histogram = new Histogram()
  histogram.record(1e12)
  histogram.record(-1)
  t.equal(histogram.quantileMs(0.5), 0.001)
  t.ok(histogram.quantileMs(1) > 2_000_000)
})
