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
