import t from 'tap'
import { ShedLoop, type BalanceReading } from '../../../services/control/shed-loop.ts'

const THRESHOLDS = { recovery: 100, warning: 200, critical: 2_000, hardLimit: 5_000 }

const byPriority = (values: Record<number, number>) =>
  Array.from({ length: 11 }, (_, priority) => values[priority] ?? 0)
const received = (normal: number, low: number) =>
  ({ admission: { critical: { received: 0 }, normal: { received: normal }, low: { received: low } } })
const EMPTY: BalanceReading = {
  redisTimeMs: 1_000, depthByPriority: byPriority({}), enqueuedByPriority: byPriority({}), done: 0, dead: 0, expired: 0,
  ledger: received(0, 0)
}
/** All was offered as low and went into the queue; a tenth of it was done. */
const OVERLOADED: BalanceReading = {
  redisTimeMs: 2_000, depthByPriority: byPriority({ 9: 900 }), enqueuedByPriority: byPriority({ 9: 1_000 }), done: 85,
  dead: 10, expired: 5, ledger: received(0, 1_000)
}

t.test('leads a closed circuit to half of the critical threshold, another one to below its closing depth', async (t) => {
  const loop = new ShedLoop()
  t.equal(loop.observe(EMPTY, THRESHOLDS, 'CLOSED').targetDepth, 1_000)
  t.equal(loop.observe(EMPTY, THRESHOLDS, 'HALF_OPEN').targetDepth, 30)
  t.equal(loop.observe(EMPTY, THRESHOLDS, 'OPEN').targetDepth, 30)
  const held = { ...THRESHOLDS, hold: 800 }
  t.equal(loop.observe(EMPTY, held, 'CLOSED').targetDepth, 400, 'a hold takes the place of the critical threshold')
})

t.test('sheds by what came in and went out between readings, by class', async (t) => {
  const loop = new ShedLoop()
  t.strictSame(loop.observe(EMPTY, THRESHOLDS, 'CLOSED').shares, { critical: 0, normal: 0, low: 0 })
  // 900 a second too many, less 100 below the target over 5 s, of 1,000 offered: 0.4 × 0.88.
  const { shares } = loop.observe(OVERLOADED, THRESHOLDS, 'CLOSED')
  t.strictSame(shares, { critical: 0, normal: 0, low: 0.352 })
  t.equal(loop.share, 0.352)
})

t.test('tells the share of all that is offered', async (t) => {
  const loop = new ShedLoop()
  loop.observe(EMPTY, THRESHOLDS, 'CLOSED')
  loop.observe({ ...OVERLOADED, ledger: received(1_500, 500) }, THRESHOLDS, 'CLOSED')
  t.strictSame(loop.shares.low, 0.4)
  t.equal(loop.share, 0.1)
})

t.test('takes readings together until a quarter of a second has passed', async (t) => {
  const loop = new ShedLoop()
  loop.observe(EMPTY, THRESHOLDS, 'CLOSED')
  t.equal(loop.observe({ ...OVERLOADED, redisTimeMs: 1_249 }, THRESHOLDS, 'CLOSED').shares.low, 0)
  t.ok(loop.observe({ ...OVERLOADED, redisTimeMs: 1_250 }, THRESHOLDS, 'CLOSED').shares.low > 0)
})

t.test('holds the shares while the queue cannot be read, and takes no difference over that time', async (t) => {
  const loop = new ShedLoop()
  loop.observe(EMPTY, THRESHOLDS, 'CLOSED')
  loop.observe(OVERLOADED, THRESHOLDS, 'CLOSED')
  loop.lose()
  const later = { ...OVERLOADED, redisTimeMs: 60_000, enqueuedByPriority: byPriority({ 9: 50_000 }) }
  t.equal(loop.observe(later, THRESHOLDS, 'CLOSED').shares.low, 0.352)
})

t.test('a clock or a ledger that was set back is no load', async (t) => {
  const loop = new ShedLoop()
  loop.observe(OVERLOADED, THRESHOLDS, 'CLOSED')
  t.equal(loop.observe(EMPTY, THRESHOLDS, 'CLOSED').shares.low, 0)
  t.equal(loop.observe({ ...EMPTY, redisTimeMs: 2_000 }, THRESHOLDS, 'CLOSED').shares.low, 0)
})

t.test('a ledger that begins again under load is followed from its first reading', async (t) => {
  const sharesAfter = (first: BalanceReading) => {
    const loop = new ShedLoop()
    for (const reading of [first, EMPTY, OVERLOADED]) loop.observe(reading, THRESHOLDS, 'CLOSED')
    return loop.shares
  }
  const flushed = { ...EMPTY, redisTimeMs: 0, enqueuedByPriority: byPriority({ 9: 500 }), ledger: received(0, 500) }
  t.strictSame(sharesAfter(flushed), { critical: 0, normal: 0, low: 0.352 })
})

/** The depths, as a share of critical, of a queue of 2,000 events a second that gets three times as many in arrays. */
function depthsUnder (arrayEveryMs: number): number[] {
  const critical = 50_000
  const loop = new ShedLoop()
  const depths: number[] = []
  let [depth, admitted, done, offered] = [0, 0, 0, 0]
  let low = 0
  for (let at = 100; at <= 120_000; at += 100) {
    if (at % arrayEveryMs === 0) {
      const events = 6 * arrayEveryMs
      const kept = Math.round(events * (1 - low))
      offered += events
      admitted += kept
      depth += kept
    }
    const completed = Math.min(depth, 200)
    depth -= completed
    done += completed
    depths.push(depth / critical)
    low = loop.observe({
      redisTimeMs: at, depthByPriority: byPriority({ 9: depth }), enqueuedByPriority: byPriority({ 9: admitted }), done,
      dead: 0, expired: 0, ledger: received(0, offered)
    }, { ...THRESHOLDS, critical, hardLimit: 100_000 }, 'CLOSED').shares.low
  }
  return depths
}

t.test('leads the queue to its target also if the load comes in a huge array now and then', async (t) => {
  for (const arrayEveryMs of [100, 500, 1_000, 2_000, 3_000]) {
    const depths = depthsUnder(arrayEveryMs)
    t.ok(Math.max(...depths) < 0.8, `${Math.max(...depths)} of critical is the most, with one each ${arrayEveryMs} ms`)
    const late = depths.slice(-300)
    const mean = late.reduce((total, depth) => total + depth, 0) / late.length
    t.ok(Math.abs(mean - 0.5) < 0.1, `${mean} of critical is the mean`)
  }
})

t.test('the balance counts from the last reading if none was for longer than the window', async (t) => {
  const loop = new ShedLoop()
  loop.observe(EMPTY, THRESHOLDS, 'CLOSED')
  const later = { ...OVERLOADED, redisTimeMs: 11_000, depthByPriority: byPriority({ 9: 1_000 }) }
  t.equal(loop.observe(later, THRESHOLDS, 'CLOSED').shares.low, 0.36)
})

t.test('tells the share of all that is offered while normal gives way too', async (t) => {
  const loop = new ShedLoop()
  for (let second = 1; second <= 9; second++) {
    loop.observe({
      ...OVERLOADED, redisTimeMs: second * 1_000, depthByPriority: byPriority({ 5: 900 * second }),
      enqueuedByPriority: byPriority({ 5: 1_000 * second }), ledger: received(750 * second, 250 * second)
    }, THRESHOLDS, 'CLOSED')
  }
  const { normal, low } = loop.shares
  t.ok(normal > 0 && low === 1)
  t.equal(loop.share.toFixed(9), (0.75 * normal + 0.25).toFixed(9))
})

t.test('a clock that was set back is followed at once, with counts that stayed', async (t) => {
  const loop = new ShedLoop()
  for (const reading of [{ ...EMPTY, redisTimeMs: 90_000 }, EMPTY, OVERLOADED]) loop.observe(reading, THRESHOLDS, 'CLOSED')
  t.equal(loop.shares.low, 0.352)
})

t.test('a count of finished events that was corrected downwards is none', async (t) => {
  const lowAfter = (done: number) => {
    const loop = new ShedLoop()
    loop.observe({ ...EMPTY, done: 500 }, THRESHOLDS, 'CLOSED')
    return loop.observe({ ...OVERLOADED, done, dead: 0, expired: 0 }, THRESHOLDS, 'CLOSED').shares.low
  }
  t.equal(lowAfter(400), lowAfter(500))
})

t.test('waits for enough events, or for a second, where chance would tell most of a rate', async (t) => {
  const loop = new ShedLoop()
  const slow = (redisTimeMs: number, events: number): BalanceReading => ({
    ...OVERLOADED, redisTimeMs, enqueuedByPriority: byPriority({ 9: events }), done: 0, dead: 0,
    ledger: received(0, events)
  })
  loop.observe(slow(1_000, 0), THRESHOLDS, 'HALF_OPEN')
  t.equal(loop.observe(slow(1_500, 15), THRESHOLDS, 'HALF_OPEN').shares.low, 0, '15 events in half a second')
  t.ok(loop.observe(slow(1_600, 16), THRESHOLDS, 'HALF_OPEN').shares.low > 0)
  const { low } = loop.shares
  t.equal(loop.observe(slow(2_500, 20), THRESHOLDS, 'HALF_OPEN').shares.low, low)
  t.ok(loop.observe(slow(2_600, 20), THRESHOLDS, 'HALF_OPEN').shares.low > low, 'a second is enough for any number')
})
