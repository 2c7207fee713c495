import t from 'tap'
import { evaluate, type Row } from '../../../bench/forecast/evaluate.ts'

t.test('compares what was forecast with what came, over the part that counts', async (t) => {
  // Fifteen steps ahead, 60 % of all values are 16 away from the last one; fifty steps ahead, none is.
  const values = Float64Array.from({ length: 3_000 }, (_, step) => step % 50 < 25 ? 9 : 25)
  const { horizons, nanosPerStep } = evaluate(values, { horizons: [15, 50], seasonSteps: 1_440, from: 0.5, to: 1 })
  t.ok(nanosPerStep > 0)
  const row = (horizon: number, name: string) => horizons[horizon]?.rows.find((row) => row.name === name) as Row
  t.strictSame(horizons.map(({ horizonSteps, steps }) => [horizonSteps, steps]), [[15, 1_500], [50, 1_500]])
  t.ok(Math.abs(row(0, 'persistence').mae - 9.6) < 1e-9)
  const best = Math.min(...(horizons[0]?.rows ?? []).slice(0, -3).map(({ mae }) => mae))
  for (const { mae, toPersistence, toBest, pinball } of horizons[0]?.rows ?? []) {
    t.ok(Math.abs(toPersistence - mae / 9.6) < 1e-9 && Math.abs(toBest - mae / best) < 1e-9)
    t.ok(pinball > 0 && pinball < mae)
  }
  t.ok(row(0, 'bake-off').mae < 4)
  t.equal(row(1, 'persistence').mae, 0)
})
