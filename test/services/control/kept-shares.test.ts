import t from 'tap'
import fc from 'fast-check'
import { relief } from '../../../services/control/kept-shares.ts'

const THRESHOLDS = { recovery: 5_000, warning: 10_000, critical: 30_000, hardLimit: 100_000 }
const sheddingOf = (low: number, normal = 0) => ({ shares: { critical: 0, normal, low }, targetDepth: 15_000 })

t.test('low gives way with the depth, normal at the end, critical never', async (t) => {
  const cases: [depth: number, normal: number, low: number][] = [
    [0, 1, 1], [10_000, 1, 1], [15_000, 1 - 0.25 ** 4, 0.75], [20_000, 0.9375, 0.5], [28_000, 1 - 0.9 ** 4, 0.1],
    [30_000, 0.01, 0.01], [300_000, 0.01, 0.01]
  ]
  for (const [depth, normal, low] of cases) {
    const both = relief('low-and-normal', depth, THRESHOLDS, undefined)
    t.equal(both.shedding, undefined)
    t.equal(both.kept?.critical, 1)
    t.equal(both.kept?.normal.toFixed(9), normal.toFixed(9), `normal at ${depth}`)
    t.equal(both.kept?.low.toFixed(9), low.toFixed(9), `low at ${depth}`)
    t.match(relief('low', depth, THRESHOLDS, undefined).kept, { critical: 1, normal: 1, low: both.kept?.low })
  }
})

t.test('with a hold the sample is complete before it, since the depth does not pass it', async (t) => {
  const held = { ...THRESHOLDS, hold: 8_000 }
  const lowAt = (depth: number) => relief('low', depth, held, undefined).kept?.low
  t.strictSame([4_000, 6_000, 8_000].map(lowAt), [1, 0.5, 0.01])
})

t.test('a forecast lowers the share of low that is sampled, and nothing else', async (t) => {
  const lowAt = (depth: number, mostLow: number) => relief('low-and-normal', depth, THRESHOLDS, undefined, mostLow).kept
  t.match(lowAt(0, 0.3), { critical: 1, normal: 1, low: 0.3 })
  t.match(lowAt(20_000, 0.8), { critical: 1, normal: 0.9375, low: 0.5 }, 'the depth calls for less')
  t.match(lowAt(0, 0), { low: 0.01 }, 'the least that is kept')
  t.equal(relief('off', 0, THRESHOLDS, undefined, 0.3).kept, undefined)
  t.equal(relief('low', 0, THRESHOLDS, sheddingOf(1, 0.1), 0.3).kept, undefined, 'low is refused')
})

t.test('there is no sample unless it is asked for', async (t) => {
  for (const shedding of [undefined, sheddingOf(0.5)]) {
    t.strictSame(relief('off', 25_000, THRESHOLDS, shedding), { shedding, kept: undefined })
  }
})

t.test('a sample stands in for smooth shedding of its classes', async (t) => {
  t.strictSame(relief('low', 25_000, THRESHOLDS, sheddingOf(0.25)), {
    shedding: sheddingOf(0), kept: { critical: 1, normal: 1, low: 0.75 }
  })
  t.strictSame(relief('low-and-normal', 25_000, THRESHOLDS, sheddingOf(1, 0.25)), {
    shedding: sheddingOf(0), kept: { critical: 1, normal: 0.75, low: 0.01 }
  })
})

t.test('low is refused, not sampled, once normal events that are not sampled are refused', async (t) => {
  t.strictSame(relief('low', 25_000, THRESHOLDS, sheddingOf(1, 0.1)), { shedding: sheddingOf(1, 0.1), kept: undefined })
})

t.test('more depth never keeps more, and a better class is never sampled harder', async () => {
  const depth = fc.nat({ max: 40_000 })
  fc.assert(fc.property(depth, depth, fc.constantFrom('low' as const, 'low-and-normal' as const), (one, other, sampling) => {
    const at = (depth: number) => relief(sampling, depth, THRESHOLDS, undefined).kept!
    const [less, more] = [at(Math.min(one, other)), at(Math.max(one, other))]
    return more.low <= less.low && more.normal <= less.normal && more.low <= more.normal && more.normal <= more.critical
  }))
})
