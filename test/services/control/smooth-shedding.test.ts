import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../rig/random.ts'
import { SmoothShedding, type Balance } from '../../../services/control/smooth-shedding.ts'

const CALM: Balance = {
  offeredRate: { normal: 100, low: 100 }, admittedRate: 100, completedRate: 100, depth: 1_000, targetDepth: 1_000,
  elapsedMs: 1_000
}
const FLOOD: Balance = { ...CALM, offeredRate: { normal: 500, low: 500 }, admittedRate: 1_000, depth: 50_000 }

/** A shedder whose pressure a flood has brought to its bound. */
function flooded (): SmoothShedding {
  const shedding = new SmoothShedding()
  for (let tick = 0; tick < 30; tick++) shedding.update(FLOOD)
  return shedding
}

t.test('refuses nothing while all is in balance', async (t) => {
  const shedding = new SmoothShedding()
  for (let tick = 0; tick < 100; tick++) shedding.update(CALM)
  t.strictSame(shedding.shares, { critical: 0, normal: 0, low: 0 })
})

t.test('the share follows the change of the excess and the excess itself', async (t) => {
  const shedding = new SmoothShedding()
  const cases: [title: string, balance: Partial<Balance>, low: number][] = [
    ['nothing yet', {}, 0],
    ['an excess of a tenth of the offer: 0.5 of its change and 0.4 of it a second', { completedRate: 90 }, 0.09],
    ['the same again', { completedRate: 90 }, 0.13],
    ['for half a second', { completedRate: 90, elapsedMs: 500 }, 0.15],
    ['a depth 50 above the target, which counts over 5 s', { depth: 1_050 }, 0.19],
    ['back in balance', {}, 0.14],
    ['at most 0.1 in a quarter of a second', { completedRate: 50, elapsedMs: 250 }, 0.24],
    ['and 0.4 in a second', { admittedRate: 1_000, elapsedMs: 1_000 }, 0.64],
    ['which is what longer ticks count as, and no step goes from one class to another', { admittedRate: 3_000, elapsedMs: 9_000 }, 1],
    ['back as fast by the change of the excess', { depth: 900, elapsedMs: 500 }, 0.8],
    ['and half as fast by the excess', { depth: 0 }, 0.4]
  ]
  for (const [title, balance, low] of cases) {
    shedding.update({ ...CALM, ...balance })
    t.equal(shedding.shares.low.toFixed(6), low.toFixed(6), title)
  }
})

t.test('once all of low is refused, the share of normal follows what is offered of normal', async (t) => {
  const shedding = new SmoothShedding()
  const flood = { ...FLOOD, elapsedMs: 250 }
  while (shedding.shares.low < 1) shedding.update(flood)
  t.equal(shedding.shares.normal, 0)
  // An excess of 900 a second and of a depth of 49,000 over 5 s.
  shedding.update({ ...flood, offeredRate: { normal: 100_000, low: 1 } })
  t.equal(shedding.shares.normal.toFixed(6), (0.4 * 10_700 / 100_000 / 4).toFixed(6), 'not of what is left of low')
  t.strictSame(flooded().shares, { critical: 0, normal: 0.95, low: 1 }, 'some of normal are always admitted')
})

t.test('the shares move by 0.4 a second at most, low before normal, and critical never', async () => {
  const rate = fc.integer({ min: 0, max: 1e6 })
  const balance = fc.record({
    offeredRate: fc.record({ normal: rate, low: rate }), admittedRate: rate, completedRate: rate,
    depth: fc.integer({ min: 0, max: 1e6 }), targetDepth: fc.integer({ min: 0, max: 1e6 }),
    elapsedMs: fc.integer({ min: 0, max: 10_000 })
  })
  fc.assert(fc.property(fc.array(balance, { maxLength: 100 }), (balances) => {
    const shedding = new SmoothShedding()
    return balances.every((each) => {
      const before = shedding.shares
      shedding.update(each)
      const { critical, normal, low } = shedding.shares
      const change = normal + low - before.normal - before.low
      const most = 0.4 * Math.min(1_000, each.elapsedMs) / 1_000 + 1e-9
      const isInBounds = critical === 0 && normal >= 0 && normal <= 0.95 + 1e-9 && low >= 0 && low <= 1
      return Math.abs(change) <= most && isInBounds && (normal === 0 || low === 1)
    })
  }))
})

t.test('an hour of overload winds nothing up: it recovers as from a minute of it', async (t) => {
  const ticksToRecover = (minutes: number) => {
    const shedding = new SmoothShedding()
    for (let tick = 0; tick < minutes * 60; tick++) shedding.update(FLOOD)
    let ticks = 0
    while (shedding.shares.low > 0 && ticks < 1_000) {
      shedding.update({ ...CALM, depth: 0 })
      ticks++
    }
    return ticks
  }
  t.equal(ticksToRecover(60), ticksToRecover(1))
  t.ok(ticksToRecover(60) <= 50, `${ticksToRecover(60)} ticks`)
})

interface Load {
  /** Events per second. */
  offered: { critical: number, normal: number, low: number }
  tickMs: number
  noise: number
  /** Events of a request, which counts once if all of its class are refused. */
  perRequest: number
}

/** A queue that completes 1,000 events per second behind the shedder; its depth at each tick. */
function run (shedding: SmoothShedding, { offered, tickMs, noise, perRequest }: Load, seconds: number): number[] {
  const random = mulberry32(1)
  const depths: number[] = []
  const perSecond = (events: number) => events * 1_000 / tickMs
  let depth = 0
  for (let tick = 0; tick < seconds * 1_000 / tickMs; tick++) {
    const counted = { critical: 0, normal: 0, low: 0 }
    let admitted = 0
    for (const name of ['critical', 'normal', 'low'] as const) {
      const came = Math.round(offered[name] * tickMs / 1_000)
      const share = shedding.shares[name]
      counted[name] = share === 1 ? came / perRequest : came
      for (let event = 0; event < came; event++) if (random() >= share) admitted++
    }
    const done = Math.min(depth + admitted, tickMs * (1 + noise * (2 * random() - 1)))
    depth += admitted - done
    shedding.update({
      offeredRate: { normal: perSecond(counted.normal), low: perSecond(counted.low) },
      admittedRate: perSecond(admitted), completedRate: perSecond(done), depth, targetDepth: 10_000, elapsedMs: tickMs
    })
    depths.push(depth)
  }
  return depths
}

const MIXES = {
  'low alone': { critical: 0, normal: 0, low: 1 },
  'normal alone': { critical: 0, normal: 1, low: 0 },
  'half and half': { critical: 0, normal: 0.5, low: 0.5 },
  'all classes': { critical: 0.05, normal: 0.15, low: 0.8 }
}

t.test('brings the queue to its target without a swing, for every mix of classes and overloads of up to ten', async (t) => {
  for (const [mix, part] of Object.entries(MIXES)) {
    for (const total of [1_100, 1_500, 2_000, 5_000, 10_000]) {
      for (const [tickMs, noise, perRequest] of [[250, 0, 1], [250, 0.3, 100], [500, 0.3, 1], [1_000, 0, 1]] as const) {
        const offered = { critical: part.critical * total, normal: part.normal * total, low: part.low * total }
        const depths = run(new SmoothShedding(), { offered, tickMs, noise, perRequest }, 300)
        const late = depths.slice(-60_000 / tickMs)
        const [least, most] = [Math.min(...late), Math.max(...late)]
        const name = `${mix}, ${total} offered, ${perRequest} in a request, a tick each ${tickMs} ms, noise ${noise}`
        t.ok(least > 7_000 && most < 13_000, `${name}: ${Math.round(least)} to ${Math.round(most)} at the end`)
        const highest = Math.max(...depths)
        t.ok(highest < Math.max(20_000, 10 * total), `${name}: at most ${Math.round(highest)}`)
      }
    }
  }
})

t.test('lets all in again when the overload is over', async (t) => {
  const shedding = new SmoothShedding()
  const load = { tickMs: 250, noise: 0, perRequest: 1 }
  run(shedding, { ...load, offered: { critical: 0, normal: 2_500, low: 2_500 } }, 120)
  t.ok(shedding.shares.normal > 0.5)
  run(shedding, { ...load, offered: { critical: 0, normal: 250, low: 250 } }, 60)
  t.strictSame(shedding.shares, { critical: 0, normal: 0, low: 0 })
})

t.test('a class of which nothing is offered counts as one event a second', async (t) => {
  const shedding = new SmoothShedding()
  const nothing = { normal: 0, low: 0 }
  shedding.update({ ...CALM, offeredRate: nothing, depth: 1_000.5, elapsedMs: 250 })
  t.equal(shedding.shares.low.toFixed(6), '0.010000')
})
