import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../rig/random.ts'
import { levelOf, SmoothShedding, type Balance } from '../../../services/control/smooth-shedding.ts'

const CALM: Balance = {
  offeredRate: 100, admittedRate: 100, completedRate: 100, depth: 1_000, targetDepth: 1_000, elapsedMs: 1_000
}
const FLOOD: Balance = { ...CALM, offeredRate: 1_000, admittedRate: 1_000, depth: 50_000 }

t.test('classes do not overlap, and within one the heavier user is refused first', async (t) => {
  const cases: [priorityClass: 'critical' | 'normal' | 'low', usageShare: number, level: number][] = [
    ['low', 1, 0], ['low', 0.5, 10], ['low', 0.25, 20], ['low', 0.001, 99], ['low', 0, 99], ['low', 2, 0],
    ['normal', 1, 100], ['normal', 0, 199], ['critical', 1, 200], ['critical', 0, 299]
  ]
  for (const [priorityClass, usageShare, level] of cases) {
    t.equal(levelOf(priorityClass, usageShare), level, `${priorityClass} with ${usageShare} of the load`)
  }
  const usage = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(fc.property(usage, usage, (one, other) =>
    levelOf('low', Math.max(one, other)) <= levelOf('low', Math.min(one, other)) &&
    levelOf('low', one) < levelOf('normal', other) && levelOf('normal', one) < levelOf('critical', other)))
})

/** A shedder whose ratio a flood has brought to its bound. */
function flooded (levels: readonly number[]): SmoothShedding {
  const shedding = new SmoothShedding()
  for (const level of levels) shedding.refuses(level)
  for (let tick = 0; tick < 20; tick++) shedding.update(FLOOD)
  return shedding
}

t.test('refuses nothing while all is in balance', async (t) => {
  const shedding = new SmoothShedding()
  for (let tick = 0; tick < 100; tick++) {
    shedding.update(CALM)
    for (let level = 0; level < 300; level++) if (shedding.refuses(level)) return t.fail(`level ${level}`)
  }
  t.equal(shedding.ratio, 0)
})

t.test('the ratio follows the change of the error and the error itself', async (t) => {
  const shedding = new SmoothShedding()
  const cases: [title: string, balance: Partial<Balance>, ratio: number][] = [
    ['nothing yet', {}, 0],
    ['an error of 0.1: 0.5 of its change and 0.4 of it a second', { completedRate: 90 }, 0.09],
    ['the same again', { completedRate: 90 }, 0.13],
    ['for half a second', { completedRate: 90, elapsedMs: 500 }, 0.15],
    ['a depth 50 above the target, which counts over 5 s', { depth: 1_050 }, 0.19],
    ['back in balance', {}, 0.14],
    ['at most 0.1 in a tick', { completedRate: 50 }, 0.24],
    ['and again', { completedRate: 50 }, 0.34],
    ['back as fast by the change of the error', { depth: 900 }, 0.24],
    ['and half as fast by the error', { depth: 900 }, 0.19]
  ]
  for (const [title, balance, ratio] of cases) {
    shedding.update({ ...CALM, ...balance })
    t.equal(shedding.ratio.toFixed(6), ratio.toFixed(6), title)
  }
  t.equal(flooded([]).ratio, 0.95, 'some are always admitted')
})

t.test('the ratio moves by a tenth a tick at most and stays from 0 to 0.95', async () => {
  const rate = fc.double({ min: 0, max: 1e6, noNaN: true })
  const balance = fc.record({
    offeredRate: rate, admittedRate: rate, completedRate: rate, depth: fc.integer({ min: 0, max: 1e6 }),
    targetDepth: fc.integer({ min: 0, max: 1e6 }), elapsedMs: fc.integer({ min: 0, max: 10_000 })
  })
  fc.assert(fc.property(fc.array(balance, { maxLength: 100 }), (balances) => {
    const shedding = new SmoothShedding()
    return balances.every((each) => {
      const before = shedding.ratio
      shedding.update(each)
      const change = shedding.ratio - before
      return Math.abs(change) <= 0.1 + 1e-12 && shedding.ratio >= 0 && shedding.ratio <= 0.95
    })
  }))
})

t.test('an hour of overload winds nothing up: it recovers as from a minute of it', async (t) => {
  const ticksToRecover = (minutes: number) => {
    const shedding = new SmoothShedding()
    for (let tick = 0; tick < minutes * 60; tick++) shedding.update(FLOOD)
    let ticks = 0
    while (shedding.ratio > 0 && ticks < 1_000) {
      shedding.update({ ...CALM, offeredRate: 50, admittedRate: 50, completedRate: 50, depth: 0 })
      ticks++
    }
    return ticks
  }
  t.equal(ticksToRecover(60), ticksToRecover(1))
  t.ok(ticksToRecover(60) <= 30)
})

t.test('critical events are never refused, whatever share of the load they are', async () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 299 }), { minLength: 1, maxLength: 2_000 }), (levels) => {
    const shedding = flooded(levels)
    return Array.from({ length: 100 }, (_, cohort) => shedding.refuses(200 + cohort)).every((isRefused) => !isRefused)
  }), { numRuns: 50 })
})

t.test('a level is never refused while a worse one is admitted', async () => {
  const offered = fc.array(fc.integer({ min: 0, max: 299 }), { minLength: 1, maxLength: 1_500 })
  fc.assert(fc.property(offered, fc.integer({ min: 0, max: 12 }), (levels, ticks) => {
    const shedding = new SmoothShedding()
    for (const level of levels) shedding.refuses(level)
    for (let tick = 0; tick < ticks; tick++) shedding.update(FLOOD)
    const refused = Array.from({ length: 200 }, (_, level) => shedding.refuses(level))
    const admitted = refused.indexOf(false)
    return admitted === -1 || !refused.includes(true, admitted)
  }), { numRuns: 200 })
})

t.test('refuses the share that it means to, even if all events are of one level', async (t) => {
  const random = mulberry32(1)
  const mixes: Record<string, () => number> = {
    'all levels below critical': () => Math.floor(random() * 200),
    'one level': () => 42,
    'two levels': () => random() < 0.3 ? 10 : 150
  }
  for (const [name, next] of Object.entries(mixes)) {
    const shedding = new SmoothShedding()
    for (let index = 0; index < 1_000; index++) shedding.refuses(next())
    for (let tick = 0; tick < 6; tick++) shedding.update(FLOOD)
    const { ratio } = shedding
    let refused = 0
    for (let index = 0; index < 5_000; index++) if (shedding.refuses(next())) refused++
    t.ok(Math.abs(refused / 5_000 - ratio) < 0.03, `${name}: ${refused} of 5,000 at ${ratio}`)
  }
})

t.test('forgets levels after a thousand events', async (t) => {
  const shedding = flooded(Array.from({ length: 1_000 }, () => 150))
  t.ok(shedding.ratio > 0.9)
  for (let index = 0; index < 1_000; index++) shedding.refuses(20)
  shedding.update(FLOOD)
  t.notOk(shedding.refuses(21), 'the cut is at the level that is offered now')
})

interface Load { offeredRate: number, tickMs: number, noise: number, seed: number }

/** A queue that completes 1,000 events per second behind the shedder; its depth at each tick. */
function run (shedding: SmoothShedding, { offeredRate, tickMs, noise, seed }: Load, seconds: number): number[] {
  const random = mulberry32(seed)
  const depths: number[] = []
  let depth = 0
  for (let tick = 0; tick < seconds * 1_000 / tickMs; tick++) {
    const came = Math.round(offeredRate * tickMs / 1_000)
    let admitted = 0
    for (let index = 0; index < came; index++) if (!shedding.refuses(Math.floor(random() * 200))) admitted++
    const done = Math.min(depth + admitted, tickMs * (1 + noise * (2 * random() - 1)))
    depth += admitted - done
    const perSecond = (events: number) => events * 1_000 / tickMs
    shedding.update({
      offeredRate, admittedRate: perSecond(admitted), completedRate: perSecond(done), depth, targetDepth: 10_000,
      elapsedMs: tickMs
    })
    depths.push(depth)
  }
  return depths
}

t.test('brings the queue to its target without a swing, at any overload up to ten times the capacity', async (t) => {
  for (const offeredRate of [1_100, 1_500, 2_000, 5_000, 10_000]) {
    for (const tickMs of [250, 1_000]) {
      for (const noise of [0, 0.3]) {
        const depths = run(new SmoothShedding(), { offeredRate, tickMs, noise, seed: 1 }, 300)
        const late = depths.slice(-60_000 / tickMs)
        const [least, most] = [Math.min(...late), Math.max(...late)]
        const name = `${offeredRate} offered, a tick each ${tickMs} ms, noise ${noise}`
        t.ok(least > 7_000 && most < 13_000, `${name}: ${Math.round(least)} to ${Math.round(most)} at the end`)
        const highest = Math.max(...depths)
        t.ok(highest < Math.max(20_000, 5 * offeredRate), `${name}: at most ${Math.round(highest)}`)
      }
    }
  }
})

t.test('lets all in again when the overload is over', async (t) => {
  const shedding = new SmoothShedding()
  run(shedding, { offeredRate: 5_000, tickMs: 250, noise: 0, seed: 1 }, 120)
  t.ok(shedding.ratio > 0.7)
  run(shedding, { offeredRate: 500, tickMs: 250, noise: 0, seed: 1 }, 60)
  t.equal(shedding.ratio, 0)
})
