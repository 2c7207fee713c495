import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

const FLOODED = {
  source: { pattern: 'constant', eventsPerSecond: 80, seconds: 600 },
  slots: 25,
  organizations: 50,
  mix: [0.05, 0.55, 0.4],
  clients: ['none'],
  flood: { factor: 10, split: undefined, parts: 1 }
} as const

/** The most that organizations below their shares may lose, and that a flood may gain by a split. */
const MOST_LOST = 0.005
const MOST_GAINED = 1.1

t.test('organizations below their shares lose next to nothing to a flood, and the circuit stays closed', async (t) => {
  const world = await tinyWorld(FLOODED, 5_000)
  for (const [name, unfair] of [['fair', 'static'], ['adaptive-fair', 'adaptive']] as const) {
    const [fair, other] = [run(world, name).figures, run(world, unfair).figures]
    t.ok(other.belowShareLost > 0.1, `${unfair}: ${other.belowShareLost}`)
    t.ok(fair.belowShareLost <= MOST_LOST, `${name}: ${fair.belowShareLost}`)
    t.ok(fair.jain >= 0.95, `${name}: ${fair.jain}`)
    t.ok(fair.belowShareWaitMs < other.belowShareWaitMs, name)
    t.equal(fair.circuitFlips, 0, name)
    t.equal(fair.criticalLost, 0, name)
  }
})

t.test('a flood gains little by many types, and nothing by many keys', async (t) => {
  const admitted = async (split: 'types' | 'keys' | undefined) =>
    run(await tinyWorld({ ...FLOODED, flood: { factor: 10, split, parts: 200 } }, 5_000), 'adaptive-fair').figures
      .floodAdmitted!
  const plain = await admitted(undefined)
  t.equal(await admitted('keys'), plain)
  t.ok(await admitted('types') <= MOST_GAINED * plain)
})

t.test('a type that takes a hundred times as long costs its own organization', async (t) => {
  const world = await tinyWorld({ ...FLOODED, flood: undefined, load: 1.6, serviceTimes: 'poison-type', organizations: 100 },
    5_000)
  const [fair, unfair] = [run(world, 'adaptive-fair').figures, run(world, 'adaptive').figures]
  t.ok(unfair.belowShareLost > 0.1, `${unfair.belowShareLost}`)
  t.ok(fair.belowShareLost < unfair.belowShareLost / 5, `${fair.belowShareLost} against ${unfair.belowShareLost}`)
})
