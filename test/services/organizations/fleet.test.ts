import t from 'tap'
import { runFleet, type FleetRun } from './virtual-fleet.ts'

const PER_SECOND = 200
const SEEDS = [1, 2, 3]

/** Admitted events of each second as shares of the quota, for each seed. */
function sharesOf (run: Omit<FleetRun, 'settings' | 'seed'> & { readonly whileAway?: 'strict' | 'loose' }): number[][] {
  const settings = { default: { eventsPerSecond: PER_SECOND, burst: 20 }, whileAway: run.whileAway ?? 'strict' }
  return SEEDS.map((seed) => runFleet({ ...run, settings, seed }).map((byReplica) =>
    byReplica.reduce((sum, events) => sum + events, 0) / PER_SECOND))
}

function meansOfTen (shares: readonly number[]): number[] {
  return shares.slice(10).map((_, index) => shares.slice(index, index + 10).reduce((sum, share) => sum + share, 0) / 10)
}

const EVEN = () => [1, 1, 1]
const SKEWED = () => [80, 15, 5]
const CHANGING = (second: number) => Math.floor(second / 10) % 2 === 0 ? [5, 15, 80] : [80, 15, 5]

const BALANCERS: Record<string, { weights: (second: number) => readonly number[], leastOfTen: number }> = {
  'an even balancer': { weights: EVEN, leastOfTen: 0.95 },
  'a skewed balancer': { weights: SKEWED, leastOfTen: 0.95 },
  // A share that has moved is known a second or two later.
  'a balancer that changes': { weights: CHANGING, leastOfTen: 0.85 }
}

for (const [name, { weights, leastOfTen }] of Object.entries(BALANCERS)) {
  t.test(`three replicas keep to a quota together behind ${name}`, async (t) => {
    for (const times of [1.5, 3]) {
      for (const shares of sharesOf({ seconds: 40, offers: () => times * PER_SECOND, weights })) {
        t.ok(Math.max(...shares.slice(1)) <= 1.2, `no second after the first: ${shares}`)
        const means = meansOfTen(shares.slice(3))
        t.ok(Math.max(...means) <= 1.05, `no ten seconds: ${means}`)
        t.ok(Math.min(...means) >= leastOfTen, `nor too few: ${means}`)
      }
    }
  })
}

t.test('the first second gives each replica the whole quota, and no more', async (t) => {
  for (const shares of sharesOf({ seconds: 2, offers: () => 9 * PER_SECOND, weights: EVEN })) {
    t.ok(shares[0]! > 2.2 && shares[0]! < 3.5, `${shares}`)
  }
})

t.test('a replica that gets all of it admits all of it', async (t) => {
  for (const shares of sharesOf({ seconds: 25, offers: () => 2 * PER_SECOND, weights: () => [1, 0, 0] })) {
    t.ok(Math.min(...meansOfTen(shares.slice(5))) >= 0.95, `${shares}`)
  }
})

t.test('below the quota nothing is refused', async (t) => {
  const offers = 0.5 * PER_SECOND
  for (const shares of sharesOf({ seconds: 20, offers: () => offers, weights: SKEWED })) {
    t.ok(Math.min(...meansOfTen(shares)) > 0.45, `${shares}`)
  }
})

t.test('pauses do not multiply a quota', async (t) => {
  // Everything comes in one second of eleven, after which the burst of ten seconds has just come back.
  const offers = (second: number) => second % 11 < 1 ? 1_000 : 0
  const ONE_BY_ONE = (second: number) => [0, 1, 2].map((replica) => Math.floor(second / 4) % 3 === replica ? 1 : 0)
  const run = { seconds: 165, settings: { default: { eventsPerSecond: 20, burst: 200 } } }
  for (const seed of SEEDS) {
    for (const [offered, weights] of [
      [offers, EVEN], [offers, SKEWED], [(second: number) => second % 4 < 1 ? 1_000 : 0, ONE_BY_ONE]
    ] as const) {
      const seconds = runFleet({ ...run, offers: offered, weights, seed })
      const mean = seconds.slice(33).flat().reduce((sum, events) => sum + events, 0) / 132 / 20
      t.ok(mean <= 1.1, `${mean} of the quota`)
    }
  }
})

t.test('an organization that comes back to one replica has its whole burst there', async (t) => {
  const settings = { default: { eventsPerSecond: 20, burst: 20 } }
  const offers = (second: number) => second % 4 < 1 ? 100 : 0
  for (const seed of SEEDS) {
    const seconds = runFleet({ seconds: 40, settings, offers, weights: () => [1, 0, 0], seed })
    for (const [second, [events = 0]] of seconds.entries()) t.ok(second % 4 > 0 || events >= 20, `${seconds}`)
  }
})

t.test('organizations for which reports have no room exceed no quota', async (t) => {
  const settings = { default: { eventsPerSecond: 20, burst: 5 } }
  for (const [organizations, weights] of [[400, SKEWED], [1_000, EVEN]] as const) {
    const seconds = runFleet({ seconds: 15, organizations, settings, offers: () => 40, weights, seed: 1 })
    const mean = seconds.slice(5).flat().reduce((sum, events) => sum + events, 0) / 10 / 20 / organizations
    t.ok(mean > 0.6 && mean <= 1.05, `${organizations}: ${mean} of the quotas`)
  }
})

const AWAY = { seconds: 60, offers: () => 3 * PER_SECOND, weights: EVEN, isAway: (at: number) => at >= 10 && at < 40 }

t.test('while Redis is away each replica admits an equal part, and they agree within five seconds after it', async (t) => {
  for (const shares of sharesOf(AWAY)) {
    t.ok(Math.max(...shares.slice(1)) <= 1.2, `${shares}`)
    for (const share of shares.slice(45)) t.ok(Math.abs(share - 1) <= 0.1, `${shares}`)
  }
})

t.test('a loose quota is whole on each replica while Redis is away', async (t) => {
  for (const shares of sharesOf({ ...AWAY, whileAway: 'loose' })) {
    t.ok(shares.slice(15, 39).every((share) => share > 2.7), `${shares}`)
    for (const share of shares.slice(45)) t.ok(Math.abs(share - 1) <= 0.15, `${shares}`)
  }
})

for (const [name, weights] of [['an even balancer', EVEN], ['a skewed balancer', SKEWED]] as const) {
  for (const [whileAway, part] of [['strict', 1 / 3], ['loose', 1]] as const) {
    t.test(`a ${whileAway} quota behind ${name}, while Redis is away and five seconds after it`, async (t) => {
      const settings = { default: { eventsPerSecond: PER_SECOND, burst: 20 }, whileAway }
      for (const seed of SEEDS) {
        const seconds = runFleet({ ...AWAY, offers: () => 2 * PER_SECOND, weights, settings, seed })
        const all = weights().reduce((sum, weight) => sum + weight, 0)
        // Readings are missed for three seconds before Redis counts as away.
        for (const [replica, weight] of weights().entries()) {
          const offered = 2 * weight / all
          const mean = meansOfTen(seconds.map((byReplica) => byReplica[replica]! / PER_SECOND))[14]!
          t.ok(Math.abs(mean - Math.min(offered, part)) <= 0.05, `replica ${replica} admits ${mean} of ${offered}`)
        }
        const sums = seconds.map((byReplica) => byReplica.reduce((sum, events) => sum + events, 0) / PER_SECOND)
        const after = meansOfTen(sums)[45]!
        t.ok(Math.abs(after - 1) <= 0.05, `${after} of the quota in ten seconds`)
      }
    })
  }
}
