import t from 'tap'
import fc from 'fast-check'
import { predictDepth, type Outlook } from '../../../../services/control/forecast/predict-depth.ts'

function outlook (
  depth: number, now: number, ahead: [number, number, number], capacityPerSecond: number, limit = 1_000, inWork = 0
): Outlook {
  const horizons = [10, 30, 60].map((seconds, index) => ({ seconds, arrivalsPerSecond: ahead[index] as number }))
  return { depth, arrivalsPerSecond: now, ahead: horizons, capacityPerSecond, inWork, limit }
}

t.test('integrates arrivals less capacity', async (t) => {
  const table: [outlook: Outlook, depths: number[], breachSeconds: number | undefined][] = [
    [outlook(100, 50, [50, 50, 50], 50), [100, 100, 100], undefined],
    [outlook(100, 60, [60, 60, 60], 50), [200, 400, 700], 90],
    [outlook(100, 80, [80, 80, 80], 50), [400, 1_000, 1_900], 30],
    [outlook(100, 40, [40, 40, 40], 50), [0, 0, 0], undefined],
    [outlook(0, 50, [70, 70, 70], 50), [100, 500, 1_100], 55],
    [outlook(1_000, 0, [0, 0, 0], 50), [500, 0, 0], 0],
    // An empty queue saves no capacity for later.
    [outlook(0, 0, [0, 100, 100], 50, 3_000), [0, 250, 1_750], 85],
    // The events in work stay as many, but are no more than there are.
    [outlook(100, 40, [40, 40, 40], 50, 1_000, 30), [30, 30, 30], undefined],
    [outlook(100, 40, [40, 40, 40], 50, 1_000, 300), [100, 100, 100], undefined]
  ]
  for (const [given, depths, breachSeconds] of table) {
    const predicted = predictDepth(given)
    t.strictSame(predicted.depths.map(Math.round), depths)
    t.equal(predicted.breachSeconds === undefined ? undefined : Math.round(predicted.breachSeconds), breachSeconds)
  }
})

const rate = fc.integer({ min: 0, max: 500 })
const any = fc.tuple(fc.nat(5_000), rate, fc.tuple(rate, rate, rate), rate, fc.integer({ min: 1, max: 5_000 }))

t.test('more capacity never deepens the queue and never hastens a breach', async () => {
  fc.assert(fc.property(any, fc.nat(100), ([depth, now, ahead, capacity, limit], more) => {
    const less = predictDepth(outlook(depth, now, ahead, capacity, limit))
    const relieved = predictDepth(outlook(depth, now, ahead, capacity + more, limit))
    return relieved.depths.every((at, index) => at >= 0 && at <= (less.depths[index] as number) + 1e-6) &&
      (relieved.breachSeconds ?? Infinity) >= (less.breachSeconds ?? Infinity) - 1e-6
  }))
})

t.test('a depth at the limit within the horizons is a breach by then', async () => {
  fc.assert(fc.property(any, ([depth, now, ahead, capacity, limit]) => {
    const { depths, breachSeconds } = predictDepth(outlook(depth, now, ahead, capacity, limit))
    const index = depths.findIndex((at) => at >= limit)
    return index < 0 || (breachSeconds ?? Infinity) <= ([10, 30, 60][index] as number) + 1e-6
  }))
})
