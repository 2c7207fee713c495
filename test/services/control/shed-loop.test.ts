import t from 'tap'
import { ShedLoop, type BalanceReading } from '../../../services/control/shed-loop.ts'

const THRESHOLDS = { recovery: 100, warning: 200, critical: 2_000, hardLimit: 5_000 }

const byPriority = (values: Record<number, number>) =>
  Array.from({ length: 11 }, (_, priority) => values[priority] ?? 0)
const received = (normal: number, low: number) =>
  ({ admission: { critical: { received: 0 }, normal: { received: normal }, low: { received: low } } })
const EMPTY: BalanceReading = {
  redisTimeMs: 1_000, depthByPriority: byPriority({}), enqueuedByPriority: byPriority({}), done: 0, dead: 0,
  ledger: received(0, 0)
}
/** All was offered as low and went into the queue; a tenth of it was done. */
const OVERLOADED: BalanceReading = {
  redisTimeMs: 2_000, depthByPriority: byPriority({ 9: 900 }), enqueuedByPriority: byPriority({ 9: 1_000 }), done: 90,
  dead: 10, ledger: received(0, 1_000)
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

t.test('waits for enough events, or for a second, where chance would tell most of a rate', async (t) => {
  const loop = new ShedLoop()
  const slow = (redisTimeMs: number, events: number): BalanceReading => ({
    ...OVERLOADED, redisTimeMs, enqueuedByPriority: byPriority({ 9: events }), done: 0, dead: 0, ledger: received(0, events)
  })
  loop.observe(slow(1_000, 0), THRESHOLDS, 'HALF_OPEN')
  t.equal(loop.observe(slow(1_500, 15), THRESHOLDS, 'HALF_OPEN').shares.low, 0, '15 events in half a second')
  t.ok(loop.observe(slow(1_600, 16), THRESHOLDS, 'HALF_OPEN').shares.low > 0)
  const { low } = loop.shares
  t.equal(loop.observe(slow(2_500, 20), THRESHOLDS, 'HALF_OPEN').shares.low, low)
  t.ok(loop.observe(slow(2_600, 20), THRESHOLDS, 'HALF_OPEN').shares.low > low, 'a second is enough for any number')
})
