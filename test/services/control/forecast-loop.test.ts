import t from 'tap'
import { mulberry32 } from '../../../rig/random.ts'
import { ForecastLoop, type Call, type ForecastReading } from '../../../services/control/forecast-loop.ts'
import type { SettledAct } from '../../../services/control/forecast/act-ledger.ts'
import type { Decision } from '../../../services/control/forecast/acts.ts'
import { count } from '../../../rig/series.ts'

const READING: ForecastReading = {
  at: 1_000_000, depth: 0, inWork: 0, arrived: 0, worked: 0, workers: 1, refused: 0, lowOffered: 0,
  capacityPerSecond: 100,
  wouldWorkersHelp: true, limit: 2_000, isLowSampled: false
}

/** A queue of 100 events a second whose arrivals follow a wave; half of them are low, and as much as is asked is kept out. */
class World {
  readonly acts: Decision[] = []
  readonly settled: SettledAct[] = []
  readonly random = mulberry32(1)
  reading = READING
  call: Call = { preShed: undefined, keptLow: 1, arrivalsAhead: 0 }
  loop: ForecastLoop
  shedsAtLimit = false
  #second = 0

  constructor (saved?: unknown) {
    this.loop = this.restart(saved)
  }

  restart (saved: unknown): ForecastLoop {
    this.loop = new ForecastLoop({
      stepSeconds: 1, onAct: (act) => this.acts.push(act), onSettled: (act) => this.settled.push(act)
    }, saved)
    return this.loop
  }

  pass (seconds: number, change: Partial<ForecastReading> = {}): Call {
    for (let second = 0; second < seconds; second++) {
      const arrivals = count(this.random, 95 + 70 * Math.sin(this.#second++ / 60))
      const low = Math.round(arrivals / 2)
      const { at, arrived, depth, lowOffered, refused, capacityPerSecond = 100, limit } = this.reading
      const asked = this.call.preShed?.share ?? 1 - this.call.keptLow
      const kept = Math.round(low * (this.shedsAtLimit && depth >= limit ? 1 : asked))
      this.reading = {
        ...this.reading, ...change, at: at + 1_000, arrived: arrived + arrivals - kept, lowOffered: lowOffered + low,
        refused: refused + kept, depth: Math.max(0, depth + arrivals - kept - capacityPerSecond)
      }
      this.call = this.loop.observe(this.reading)
    }
    return this.call
  }
}

t.test('asks for workers, then refuses at most half of low, and most predicted breaches come', async (t) => {
  const world = new World()
  let most = 0
  for (let second = 0; second < 8_000; second++) {
    const { preShed, arrivalsAhead } = world.pass(1)
    most = Math.max(most, preShed?.share ?? 0)
    if (preShed !== undefined && arrivalsAhead <= 0) t.fail('no workers were asked for')
    if (preShed !== undefined && (world.loop.breachSeconds ?? Infinity) > 60) t.fail('workers would come in time')
    if (preShed !== undefined && world.reading.depth >= READING.limit) t.fail('the breach is here, and not ahead')
  }
  t.ok(most > 0 && most <= 0.5)
  t.strictSame([...new Set(world.acts.map(({ act }) => act))], ['ask-for-workers', 'pre-shed-low'])
  t.equal(world.acts.length, world.loop.begun['ask-for-workers'] + world.loop.begun['pre-shed-low'])
  t.ok(world.settled.length > 5)
  t.ok((world.loop.ledger.precisionOf('pre-shed-low') ?? 0) > 0.6)
})

t.test('if low is sampled, the sample gives way instead, and its truth is known later too', async (t) => {
  const world = new World()
  let least = 1
  for (let second = 0; second < 8_000; second++) {
    const { preShed, keptLow } = world.pass(1, { isLowSampled: true })
    least = Math.min(least, keptLow)
    if (preShed !== undefined) t.fail('low events were refused')
  }
  t.ok(least < 1 && least > 0.099, String(least))
  t.strictSame([...new Set(world.acts.map(({ act }) => act))], ['ask-for-workers', 'sample-low-harder'])
  t.equal(world.loop.begun['pre-shed-low'], 0)
  t.ok((world.loop.ledger.precisionOf('sample-low-harder') ?? 0) > 0.6)
  t.equal(world.loop.ledger.precisionOf('pre-shed-low'), undefined)
})

t.test('a queue that shedding holds at its limit proves a forecast all the same', async (t) => {
  const world = new World()
  world.shedsAtLimit = true
  world.pass(8_000)
  t.ok(world.loop.depths.every(({ isTrusted }) => isTrusted))
  t.ok((world.loop.ledger.precisionOf('pre-shed-low') ?? 0) > 0.6)
})

t.test('nothing is called for without proof, and between two steps nothing changes', async (t) => {
  const world = new World()
  world.pass(300)
  t.equal(world.acts.length, 0)
  const { depths } = world.loop
  t.equal(depths.length, 3)
  world.loop.observe({ ...world.reading, at: world.reading.at + 1, depth: 900 })
  t.equal(world.loop.depths, depths)
})

t.test('workers that would not help are not asked for, and low events give way all the same', async (t) => {
  const trained = new World()
  trained.pass(8_000)
  const world = new World(JSON.parse(JSON.stringify(trained.loop.learned)))
  world.pass(10, { wouldWorkersHelp: false, capacityPerSecond: 0 })
  t.strictSame(world.acts.map(({ act }) => act), ['pre-shed-low'])
  t.equal(world.call.arrivalsAhead, 0)
})

t.test('a lost queue, a pause and a clock that was set foretell nothing until two readings can be compared', async (t) => {
  const world = new World()
  world.pass(3)
  t.equal(world.loop.depths.length, 3)
  world.loop.lose()
  t.strictSame(world.loop.depths, [])
  t.strictSame(world.loop.observe(world.reading), { preShed: undefined, keptLow: 1, arrivalsAhead: 0 })
  world.pass(1)
  t.equal(world.loop.depths.length, 3)
  for (const by of [-10_000, 62_000]) {
    world.reading = { ...world.reading, at: world.reading.at + by }
    world.pass(1)
    t.strictSame(world.loop.depths, [], String(by))
    world.pass(1)
    t.equal(world.loop.depths.length, 3)
  }
  world.reading = { ...world.reading, at: world.reading.at + 5_000 }
  world.pass(1)
  t.equal(world.loop.depths.length, 3, 'five seconds without a reading are passed over')
})

t.test('after the clock was set back nothing stays asked for, and acts are counted afresh', async (t) => {
  const world = new World()
  world.pass(7_000)
  while (world.call.arrivalsAhead === 0) world.pass(1)
  const { begun, settled } = { begun: world.acts.length, settled: world.settled.length }
  world.reading = { ...world.reading, at: world.reading.at - 86_400_000, limit: 1_000_000 }
  world.pass(2)
  t.equal(world.call.arrivalsAhead, 0)
  t.equal(world.settled.length, settled, 'nobody knows what came of the open act')
  world.reading = { ...world.reading, limit: READING.limit }
  world.pass(3_000)
  t.ok(world.acts.length > begun && world.settled.length > settled)
})

t.test('what was learned survives a restart, before the first step too; broken state prevents nothing', async (t) => {
  const world = new World()
  t.equal(world.loop.learned, undefined)
  world.pass(3_000)
  const skills = () => world.loop.depths.map(({ skill = NaN }) => Math.round(10 * skill))
  const before = skills()
  world.restart(JSON.parse(JSON.stringify(world.loop.learned)))
  world.pass(1)
  t.equal(world.loop.learned, undefined)
  world.pass(1)
  t.strictSame(skills(), before)
  for (const saved of [null, 7, { depth: 'x', acts: [] }]) {
    world.restart(saved)
    world.pass(2)
    t.equal(world.loop.depths.length, 3)
  }
})

t.test('a breach beyond a minute is shed for if workers would not help, and one that is far is not shown', async (t) => {
  const trained = new World()
  trained.pass(8_000)
  const saved = JSON.stringify(trained.loop.learned)
  for (const [limit, acts, isShown] of [[12_000, ['pre-shed-low'], true], [1_000_000, [], false]] as const) {
    const world = new World(JSON.parse(saved))
    world.pass(10, { wouldWorkersHelp: false, capacityPerSecond: 0, limit })
    t.strictSame(world.acts.map(({ act }) => act), acts)
    t.equal(world.loop.breachSeconds !== undefined, isShown)
  }
})

t.test('what was learned survives a clock that was set', async (t) => {
  const world = new World()
  world.pass(3_000)
  world.reading = { ...world.reading, at: world.reading.at - 10_000 }
  world.pass(2)
  t.not(world.loop.depths[0]?.skill, undefined)
})
