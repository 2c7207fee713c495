import t from 'tap'
import { mulberry32 } from '../../../../rig/random.ts'
import { DepthForecaster, type DepthReading, type Foresight } from '../../../../services/control/forecast/depth-forecaster.ts'
import { count, normal } from '../../../../rig/series.ts'

const OPTIONS = { stepSeconds: 1, horizonSeconds: [10, 30, 60], seasonSeconds: 86_400, firstStep: 0 }
const READING: DepthReading = {
  depth: 0, arrivalsPerSecond: 0, capacityPerSecond: 100, inWork: 0, limit: 10_000, keptOut: 0, workers: 1, worked: 0
}

/** A queue whose arrivals follow a wave around its capacity. */
function wave (
  steps: number, each: (foresight: Foresight, depth: number) => void, forecaster = new DepthForecaster(OPTIONS)
): DepthForecaster {
  const random = mulberry32(1)
  let depth = 0
  for (let step = 0; step < steps; step++) {
    const arrivals = count(random, 100 + 60 * Math.sin(step / 100))
    depth = Math.max(0, depth + arrivals - 100)
    each(forecaster.observe({ ...READING, depth, arrivalsPerSecond: arrivals }), depth)
  }
  return forecaster
}

t.test('its band holds the depth to come, and it sees a breach before it is there', async (t) => {
  const given: Foresight[] = []
  const depths: number[] = []
  wave(8_000, (foresight, depth) => {
    given.push(foresight)
    depths.push(depth)
  })
  for (const [index, seconds] of [10, 30, 60].entries()) {
    const held = given.slice(2_000, -60).filter(({ depths: ahead }, step) => {
      const { low = 0, high = 0 } = ahead[index] ?? {}
      const truth = depths[2_000 + step + seconds] as number
      return truth >= low && truth <= high
    })
    const share = held.length / (8_000 - 2_060)
    t.ok(share > 0.87 && share < 0.97, `${seconds} s ahead: ${share}`)
  }
  const breach = depths.findIndex((depth, step) => (
    step > 4_000 && depth >= 10_000 && (depths[step - 1] as number) < 10_000
  ))
  const { breachSeconds = Infinity, breachTicks, isTrusted } = given[breach - 20] as Foresight
  t.ok(Math.abs(breachSeconds - 20) < 5)
  t.ok(breachTicks >= 3 && isTrusted)
})

t.test('is silent on a depth that is a random walk', async (t) => {
  const random = mulberry32(2)
  const forecaster = new DepthForecaster(OPTIONS)
  let depth = 5_000
  for (let step = 0; step < 8_000; step++) {
    const change = 20 * normal(random)
    depth = Math.max(0, depth + change)
    const { depths } = forecaster.observe({ ...READING, depth, arrivalsPerSecond: Math.max(0, 100 + change), limit: 5_000 })
    if (depths.some(({ isTrusted }) => isTrusted)) t.fail(`trusted at ${step}`)
  }
  t.pass()
})

t.test('an unknown depth or capacity foretells nothing, and a breach that follows is a new one', async (t) => {
  const forecaster = new DepthForecaster(OPTIONS)
  const known = { ...READING, depth: 100, arrivalsPerSecond: 200 }
  t.equal(forecaster.observe(known).breachTicks, 1)
  t.equal(forecaster.observe(known).breachTicks, 2)
  for (const unknown of [{ depth: undefined }, { capacityPerSecond: undefined }, { arrivalsPerSecond: undefined }]) {
    const { depths, breachSeconds, breachTicks, isTrusted } = forecaster.observe({ ...known, ...unknown })
    const nothing = { depths: [], breachSeconds: undefined, breachTicks: 0, isTrusted: false }
    t.strictSame({ depths, breachSeconds, breachTicks, isTrusted }, nothing)
  }
  t.equal(forecaster.observe(known).breachTicks, 1)
})

t.test('events that acts kept out count as if they had come', async (t) => {
  const forecaster = new DepthForecaster(OPTIONS)
  let foresight: Foresight | undefined
  for (let step = 0; step < 3_000; step++) {
    // Twenty events a second too many arrive, and acts keep all of them out.
    foresight = forecaster.observe({ ...READING, depth: 500, arrivalsPerSecond: 120, keptOut: 20 * step })
  }
  for (const { skill } of foresight?.depths ?? []) t.ok((skill ?? 0) > 0.95, String(skill))
})

t.test('learned state survives a restart, and broken state prevents nothing', async (t) => {
  const forecaster = wave(3_000, () => {})
  const restarted = new DepthForecaster({ ...OPTIONS, firstStep: 3_000 }, JSON.parse(JSON.stringify(forecaster.learned)))
  const next = { ...READING, depth: 900, arrivalsPerSecond: 130 }
  const before = forecaster.observe(next).depths
  for (const [index, { skill = 0, isTrusted }] of restarted.observe(next).depths.entries()) {
    t.equal(isTrusted, before[index]?.isTrusted)
    t.ok(Math.abs(skill - (before[index]?.skill ?? 0)) < 0.05)
  }
  for (const saved of [null, 7, { arrivals: [], depths: { 10: 'x' } }, { depths: null }]) {
    t.equal(new DepthForecaster(OPTIONS, saved).observe(next).depths.length, 3)
  }
})

t.test('events that added workers have done count as if they were still there', async (t) => {
  // 150 events a second come. A second worker does as many as the first.
  const skillWith = (workersAfter: number) => {
    const forecaster = new DepthForecaster({ stepSeconds: 1, horizonSeconds: [10], seasonSeconds: 600, firstStep: 0 })
    let [depth, worked, skill] = [0, 0, 0 as number | undefined]
    for (let step = 0; step < 2_000; step++) {
      // Each minute the first worker is alone for half of the time.
      const workers = step % 60 < 30 ? 1 : workersAfter
      const done = Math.min(depth + 150, 100 * workers)
      depth += 150 - done
      worked += done
      const { depths } = forecaster.observe({
        ...READING, depth, arrivalsPerSecond: 150, capacityPerSecond: 100 * workers, workers, worked, limit: 1e9
      })
      skill = depths[0]?.skill
    }
    return skill ?? NaN
  }
  t.ok(skillWith(1) > 0.9, 'nobody is added')
  t.ok(skillWith(2) > 0.8, 'what is predicted is prevented')
})
