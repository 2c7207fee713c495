import t from 'tap'
import fc from 'fast-check'
import type { Candidate } from '../../../../services/control/forecast/candidate.ts'
import { CANDIDATES } from '../../../../services/control/forecast/candidates.ts'
import { COUNTS } from '../../../../rig/series.ts'

const SERIES = { horizons: [10, 30, 60], seasonSteps: 600, firstStep: 0 }

function follow (candidate: Candidate, values: Iterable<number>): Candidate {
  for (const value of values) candidate.observe(value)
  return candidate
}

const steps = (length: number, of: (step: number) => number) => Array.from({ length }, (_, step) => of(step))

for (const [name, create] of Object.entries(CANDIDATES)) {
  t.test(`${name} says of a constant that it stays`, async (t) => {
    const candidate = follow(create(SERIES), steps(2_000, () => 7))
    for (const horizon of SERIES.horizons) t.ok(Math.abs(candidate.forecast(horizon) - 7) < 1e-6)
  })

  t.test(`${name} goes on after a restart as if there had been none`, async (t) => {
    const values = COUNTS['a wave']?.(1_500, 1) ?? []
    const one = follow(create(SERIES), values)
    const other = create({ ...SERIES, firstStep: values.length }, JSON.parse(JSON.stringify(one.learned)))
    for (const horizon of SERIES.horizons) t.equal(other.forecast(horizon), one.forecast(horizon))
    for (const candidate of [one, other]) follow(candidate, [100, 90, 80])
    for (const horizon of SERIES.horizons) t.ok(Math.abs(other.forecast(horizon) - one.forecast(horizon)) < 1)
  })

  t.test(`${name} starts afresh from a state that is not its own`, async (t) => {
    const fresh = create(SERIES)
    fc.assert(fc.property(fc.anything(), (saved) => {
      t.strictSame(create(SERIES, saved).learned, fresh.learned)
    }), { numRuns: 30 })
  })

  t.test(`${name} stays finite through gaps and leaps`, async () => {
    const run = fc.tuple(fc.constantFrom(0, 1, 30, 3e4), fc.integer({ min: 1, max: 700 }))
    fc.assert(fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
      const candidate = follow(create(SERIES), runs.flatMap(([value, times]) => steps(times, () => value)))
      return SERIES.horizons.every((horizon) => Number.isFinite(candidate.forecast(horizon)))
    }), { numRuns: 20 })
  })
}

t.test('each learns what it is for', async (t) => {
  const beat = (step: number) => step % 60 === 0 ? 17 : 4
  const wave = (step: number) => 10 + 5 * Math.sin(2 * Math.PI * step / 600)
  const cases: [name: string, value: (step: number) => number, tolerance: number][] = [
    ['persistence', () => 3, 1e-9],
    ['linear', (step) => 5 + step / 100, 0.01],
    ['holt-fast', (step) => Math.min(step, 1_000) / 100, 0.01],
    ['seasonal-level', beat, 0.3],
    ['holt-winters', wave, 0.3],
    ['autoregression', beat, 0.3],
    ['autoregression', wave, 0.3]
  ]
  for (const [name, value, tolerance] of cases) {
    const candidate = follow(CANDIDATES[name]?.(SERIES) as Candidate, steps(6_000, value))
    for (const horizon of SERIES.horizons) {
      const off = Math.abs(candidate.forecast(horizon) - value(5_999 + horizon))
      t.ok(off < tolerance, `${name}, ${horizon} steps ahead, is off by ${off}`)
    }
  }
})
