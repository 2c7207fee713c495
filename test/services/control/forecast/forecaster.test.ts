import t from 'tap'
import fc from 'fast-check'
import type { Issued } from '../../../../services/control/forecast/contest.ts'
import { Forecaster, ISSUED_NAMES, type Forecast } from '../../../../services/control/forecast/forecaster.ts'
import { COUNTS, WALKS } from '../../../../rig/series.ts'

const SERIES = { horizons: [10, 30, 60], seasonSteps: 1_440, firstStep: 0 }
const STEPS = 8_000
const COUNTED = ISSUED_NAMES.length - 1

interface Result {
  /** Sums of distances of all that was issued, by horizon. */
  readonly distances: ReadonlyMap<number, number[]>
  readonly inside: ReadonlyMap<number, number>
  readonly trusted: number
  readonly counted: number
}

/** Follows the series and judges its last two thirds. */
function judge (values: readonly number[]): Result {
  const forecaster = new Forecaster(SERIES)
  const first = values.length / 3
  const distances = new Map(SERIES.horizons.map((steps) => [steps, ISSUED_NAMES.map(() => 0)]))
  const inside = new Map(SERIES.horizons.map((steps) => [steps, 0]))
  let trusted = 0
  let counted = 0
  for (const [step, value] of values.entries()) {
    forecaster.observe(value, {
      due (steps, value, issued: Issued, range) {
        if (step < first) return
        const sums = distances.get(steps) as number[]
        for (const [index, forecast] of issued.entries()) sums[index] = (sums[index] as number) + Math.abs(value - forecast)
        if (range === undefined || value < range.low || value > range.high) return
        inside.set(steps, (inside.get(steps) as number) + 1)
      },
      issued () {}
    })
    if (step < first) continue
    counted++
    if (forecaster.forecasts.some(({ isTrusted }) => isTrusted)) trusted++
  }
  return { distances, inside, trusted, counted }
}

for (const [name, family] of Object.entries({ ...WALKS, ...COUNTS })) {
  t.test(`on ${name}, is never more than 1 % worse than persistence, and its band holds`, async (t) => {
    for (const seed of [1, 2]) {
      const { distances, inside, counted } = judge(family(STEPS, seed))
      for (const [steps, sums] of distances) {
        t.ok((sums[COUNTED] as number) <= 1.01 * (sums[0] as number), `${steps} steps ahead, seed ${seed}: ${sums[COUNTED]} to ${sums[0]}`)
        const share = (inside.get(steps) as number) / counted
        t.ok(share > 0.87 && share < 0.93, `${steps} steps ahead, seed ${seed}: the band holds ${share}`)
      }
    }
  })
}

for (const [name, family] of Object.entries(WALKS)) {
  t.test(`is silent on ${name}`, async (t) => {
    for (const seed of [3, 4, 5, 6]) t.equal(judge(family(STEPS, seed)).trusted, 0)
  })
}

t.test('earns trust where there is something to foretell', async (t) => {
  for (const name of ['a level', 'a wave']) {
    const { trusted, counted } = judge((COUNTS[name] as typeof COUNTS[string])?.(STEPS, 1) ?? [])
    t.ok(trusted > 0.9 * counted, name)
  }
})

t.test('learned state survives a restart by way of JSON', async (t) => {
  const values = COUNTS['a beat']?.(3_000, 1) ?? []
  const one = new Forecaster(SERIES)
  for (const value of values) one.observe(value)
  const other = new Forecaster({ ...SERIES, firstStep: values.length }, JSON.parse(JSON.stringify(one.learned)))
  for (const value of [20, 300, 22]) for (const forecaster of [one, other]) forecaster.observe(value)
  for (const [index, { value, high = 0, isTrusted }] of other.forecasts.entries()) {
    const before = one.forecasts[index] as Forecast
    t.ok(Math.abs(value - before.value) < 0.03 * before.value, `${value} for ${before.value}`)
    t.ok(Math.abs(high - (before.high ?? 0)) < 0.05 * high, `${high} for ${before.high}`)
    t.equal(isTrusted, before.isTrusted)
  }
})

t.test('broken state costs what was learned and prevents nothing', async () => {
  const learned = new Forecaster(SERIES)
  for (const value of COUNTS['a level']?.(500, 1) ?? []) learned.observe(value)
  const fresh = JSON.parse(JSON.stringify(learned.learned)) as object
  const broken = fc.oneof(
    fc.anything(),
    fc.record({ candidates: fc.anything(), horizons: fc.anything() }),
    fc.record({
      candidates: fc.constant({ autoregression: { models: null }, linear: 3 }),
      horizons: fc.dictionary(fc.constantFrom('10', '30'), fc.anything())
    }),
    fc.constantFrom({ ...fresh, candidates: undefined }, { ...fresh, horizons: [] })
  )
  fc.assert(fc.property(broken, (saved) => {
    const forecaster = new Forecaster(SERIES, saved)
    for (const value of [1, 2, 3]) forecaster.observe(value)
    return forecaster.forecasts.length === 3 && forecaster.forecasts.every(({ value }) => Number.isFinite(value))
  }), { numRuns: 50 })
})

t.test('forecasts are finite and not negative, whatever comes', async () => {
  const value = fc.oneof(fc.constant(undefined), fc.constant(0), fc.nat(10), fc.double({ min: 0, max: 1e9, noNaN: true }))
  fc.assert(fc.property(fc.array(fc.tuple(value, fc.integer({ min: 1, max: 80 })), { maxLength: 20 }), (runs) => {
    const forecaster = new Forecaster(SERIES)
    for (const [value, times] of runs) for (let time = 0; time < times; time++) forecaster.observe(value)
    return forecaster.forecasts.every(({ value, low = 0, high = value }) => (
      [value, low, high].every((n) => Number.isFinite(n) && n >= 0)
    ))
  }), { numRuns: 50 })
})

t.test('an unknown value is not 0', async (t) => {
  const forecaster = new Forecaster(SERIES)
  for (let step = 0; step < 300; step++) forecaster.observe(40)
  for (let step = 0; step < 30; step++) forecaster.observe(undefined)
  for (const { value } of forecaster.forecasts) t.ok(Math.abs(value - 40) < 0.1)
})

t.test('a value that never changes is within its band', async (t) => {
  const forecaster = new Forecaster(SERIES)
  for (let step = 0; step < 300; step++) forecaster.observe(7)
  for (const { low = NaN, high = NaN } of forecaster.forecasts) t.ok(low <= 7 && 7 <= high && high - low < 1e-6)
})
