import fc from 'fast-check'
import t from 'tap'
import type { FairShares } from '../../../services/admission/signals.ts'
import { fairShares, type Pressure, type Use } from '../../../services/organizations/fair-shares.ts'
import { NOBODY } from '../../../services/organizations/usage.ts'

const THRESHOLDS = { recovery: 50, warning: 100, critical: 500, hardLimit: 1_000 }
/** The depth at which all of an excess is given up. */
const FULL: Pressure = { depth: 100, thresholds: THRESHOLDS, capacityPerSecond: 100, isShrinking: false }

const MIX = { critical: 0.1, normal: 0.4, low: 0.5 }

const useOf = (work: Readonly<Record<string, number>>, rest = 0, more: Partial<Use> = {}): Use => ({
  work: { byOrganization: new Map(Object.entries(work)), rest },
  weightOf: () => 1,
  mixOf: () => MIX,
  steadinessOf: () => 1,
  ...more
})

const isNear = (one: number | undefined, other: number) => one !== undefined && Math.abs(one - other) < 1e-9

/** Share of all events of an organization that it gives up. */
function givenUp (shares: FairShares | undefined, id: string): number {
  const over = shares?.over(id)
  return over === undefined ? 0 : over.shares.normal * MIX.normal + over.shares.low * MIX.low
}

t.test('a flood comes down to its share, and nobody else loses anything', async (t) => {
  const shares = fairShares(useOf({ flood: 100, one: 40, other: 20 }), FULL)
  // 10 % more than the capacity of 100 is shared out.
  t.equal(shares?.above, 1)
  t.ok(isNear(shares?.over('flood')?.perSecond, 50))
  t.ok(isNear(shares?.level, 50), 'which is that of everybody')
  t.ok(isNear(givenUp(shares, 'flood'), 0.5))
  for (const id of ['one', 'other', 'unknown', undefined]) t.equal(shares?.over(id), undefined, `${id}`)
})

t.test('low is given up first, then normal, critical never', async (t) => {
  const cases: [flood: number, normal: number, low: number][] = [
    [60, 0, 1 / 3], [100, 0, 1], [200, 0.625, 1], [100_000, 1, 1]
  ]
  for (const [flood, normal, low] of cases) {
    const over = fairShares(useOf({ flood, one: 40, other: 20 }), FULL)?.over('flood')
    t.ok(isNear(over?.shares.normal, normal) && isNear(over?.shares.low, low), `${flood}: ${JSON.stringify(over)}`)
    t.equal(over?.shares.critical, 0)
  }
})

t.test('the excess is given up step by step between half of the warning threshold and all of it', async (t) => {
  const at = (depth: number) => givenUp(fairShares(useOf({ flood: 100, one: 40, other: 20 }), { ...FULL, depth }), 'flood')
  t.strictSame([0, 50].map(at), [0, 0])
  t.ok(isNear(at(75), 0.25) && isNear(at(100), 0.5))
})

t.test('a backlog costs those above their shares, until nothing is left of these', async (t) => {
  const thresholds = { ...THRESHOLDS, critical: 2_000 }
  const at = (depth: number) => fairShares(useOf({ flood: 100, one: 40, other: 20 }), { ...FULL, thresholds, depth })
  t.ok(isNear(givenUp(at(250), 'flood'), 1 - 0.5 * (1 - 15 / 50)))
  t.ok(isNear(givenUp(at(700), 'flood'), 0.9), 'all but critical')
  t.equal(at(250)?.over('one'), undefined)
})

t.test('a depth at the critical threshold says that the capacity is less, so that the level falls', async (t) => {
  const levelAt = (depth: number, isShrinking = false) =>
    fairShares(useOf({ a: 40, b: 40 }), { ...FULL, depth, isShrinking })?.level
  for (const [depth, level] of [[100, Infinity], [250, Infinity], [450, 33], [500, 27.5], [900, 27.5]] as const) {
    t.ok(level === Infinity ? levelAt(depth) === level : isNear(levelAt(depth), level), `${depth}`)
    t.equal(levelAt(depth, true), Infinity, 'it does not while the queue shrinks')
  }
})

t.test('the level falls only once those above their shares have nothing left', async (t) => {
  const lights = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`o${index}`, 10]))
  const at = (depth: number) => fairShares(useOf({ flood: 1_000, ...lights }), { ...FULL, depth })
  // Its share is 20 events per second, and pays for a backlog of 200 beyond the warning threshold within ten seconds.
  t.ok(isNear(at(299)?.level, 20))
  t.equal(at(299)?.above, 1)
  t.ok(at(301)!.level < 11)
  t.equal(at(450)?.above, 10)
  for (const depth of [301, 400, 500]) t.ok(isNear(givenUp(at(depth), 'flood'), 0.9), 'all but critical')
})

t.test('a burst that brings the queue near its critical threshold is no longer excused', async (t) => {
  const at = (depth: number) => fairShares(useOf({ burst: 100, one: 40, other: 20 }, 0, {
    steadinessOf: (id) => id === 'burst' ? 0.1 : 1
  }), { ...FULL, depth, isShrinking: true })
  t.equal(at(350), undefined)
  t.ok(givenUp(at(400), 'burst') > 0.5)
})

t.test('shares are proportional to weights', async (t) => {
  const shares = fairShares(useOf({ a: 100, b: 100 }, 0, { weightOf: (id) => id === 'a' ? 3 : 1 }), FULL)
  t.ok(isNear(shares?.over('a')?.perSecond, 82.5) && isNear(shares?.over('b')?.perSecond, 27.5))
  t.strictSame([shares?.over('a')?.weight, shares?.over('b')?.weight], [3, 1])
})

t.test('a burst gives nothing up until it lasts', async (t) => {
  const at = (steadiness: number) => fairShares(useOf({ burst: 100, one: 40, other: 20 }, 0, {
    steadinessOf: (id) => id === 'burst' ? steadiness : 1
  }), FULL)
  t.equal(at(0.4), undefined, 'together they offer too much, and nobody is to blame')
  t.ok(isNear(givenUp(at(0.6), 'burst'), 0.5))
})

t.test('nobody is spared while nobody is above a share and all together offer too much', async (t) => {
  t.equal(fairShares(useOf({ a: 47, b: 47 }), FULL), undefined)
  const shares = fairShares(useOf({ a: 44, b: 44 }), FULL)
  t.equal(shares?.above, 0)
  t.equal(shares?.over('a'), undefined)
})

t.test('one organization alone has nobody to be fair to', async (t) => {
  t.equal(fairShares(useOf({ [NOBODY]: 1_000 }), FULL), undefined)
})

t.test('those without a name count as one organization with the weight of all others', async (t) => {
  const shares = fairShares(useOf({ one: 20, other: 20 }, 1_000, { mixOf: () => undefined }), FULL)
  t.equal(shares?.over('one'), undefined)
  const others = shares?.over('never seen')
  t.match(others, { weight: 2, shares: { critical: 0, low: 1 } })
  t.ok(isNear(others?.perSecond, 70) && isNear(others?.shares.normal, 0.93))
  t.equal(shares?.over(undefined), others, 'events without an organization are not known here')
})

const demand = fc.nat({ max: 1_000_000 }).map((thousandths) => thousandths / 1_000)
const organizations = fc.array(fc.record({ demand, weight: fc.double({ min: 0.1, max: 10, noNaN: true }) }), {
  minLength: 2, maxLength: 20
})
const depth = fc.integer({ min: 0, max: 1_200 })

const shareOut = (all: readonly { demand: number, weight: number }[], depth: number, capacityPerSecond: number) =>
  fairShares(useOf(Object.fromEntries(all.map(({ demand }, id) => [`o${id}`, demand])), 0, {
    weightOf: (id) => all[Number(id.slice(1))]!.weight
  }), { ...FULL, depth, capacityPerSecond })

t.test('nobody below an equal share of the capacity loses anything up to half of the critical threshold', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(organizations, fc.integer({ min: 0, max: 250 }), demand, (
    all, depth, capacity
  ) => {
    const shares = shareOut(all, depth, capacity)
    const weights = all.reduce((sum, { weight }) => sum + weight, 0)
    return all.every(({ demand, weight }, id) =>
      demand > weight * capacity / weights || shares === undefined || shares.over(`o${id}`) === undefined)
  })))
})

t.test('the deeper the queue, the more is given up, and a better class gives up no more than a worse one', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(organizations, depth, depth, demand, (all, one, other, capacity) => {
    const [less, more] = [Math.min(one, other), Math.max(one, other)].map((depth) => shareOut(all, depth, capacity))
    return all.every((_, id) => {
      const before = less?.over(`o${id}`)?.shares
      const after = more?.over(`o${id}`)?.shares
      const isOrdered = [before, after].every((shares) => shares === undefined ||
        (shares.critical === 0 && (shares.normal === 0 || shares.low === 1) && shares.normal <= 1))
      return isOrdered && (before === undefined || after === undefined ||
        (before.low <= after.low + 1e-9 && before.normal <= after.normal + 1e-9))
    })
  })))
})
