import t from 'tap'
import fc from 'fast-check'
import { keptShares, sampleWeight } from '../../../services/control/sample-share.ts'

t.test('low gives way with the pressure, normal at the end, critical never', async (t) => {
  const cases: [waitMs: number, normal: number, low: number][] = [
    [0, 1, 1], [10_000, 1, 1], [15_000, 1 - 0.25 ** 4, 0.75], [20_000, 0.9375, 0.5], [28_000, 1 - 0.9 ** 4, 0.1],
    [30_000, 0.01, 0.01], [300_000, 0.01, 0.01], [Infinity, 0.01, 0.01]
  ]
  for (const [waitMs, normal, low] of cases) {
    const shares = keptShares({ waitMs, warningMs: 10_000, criticalMs: 30_000 })
    t.equal(shares.critical, 1)
    t.equal(shares.normal.toFixed(9), normal.toFixed(9), `normal at ${waitMs} ms`)
    t.equal(shares.low.toFixed(9), low.toFixed(9), `low at ${waitMs} ms`)
  }
  t.strictSame(keptShares({ waitMs: 5, warningMs: 5, criticalMs: 5 }), { critical: 1, normal: 0.01, low: 0.01 })
  t.equal(keptShares({ waitMs: 50, warningMs: 1, criticalMs: 5 }, 0.2).low, 0.2)
})

const key = fc.string({ maxLength: 40 })
const organization = fc.option(fc.string({ maxLength: 20 }), { nil: undefined })
const share = fc.double({ min: 0.001, max: 1, noNaN: true })
const wait = fc.double({ min: 0, max: 1e6, noNaN: true })

t.test('more pressure never keeps more, and a better class is never sampled harder', async () => {
  const width = fc.double({ min: 1, max: 1e6, noNaN: true })
  fc.assert(fc.property(wait, wait, wait, width, (wait, other, warningMs, width) => {
    const at = (waitMs: number) => keptShares({ waitMs, warningMs, criticalMs: warningMs + width })
    const [less, more] = [at(Math.min(wait, other)), at(Math.max(wait, other))]
    return more.low <= less.low && more.normal <= less.normal && more.low <= more.normal && more.normal <= more.critical
  }))
})

t.test('a lower share keeps a part of what a higher one keeps, and the answer is always the same', async () => {
  fc.assert(fc.property(organization, key, share, share, (organizationId, sampleKey, one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)]
    const kept = sampleWeight(organizationId, sampleKey, low)
    const isNested = kept === undefined || sampleWeight(organizationId, sampleKey, high) !== undefined
    return isNested && kept === sampleWeight(organizationId, sampleKey, low) && (kept === undefined || kept === 1 / low)
  }))
})

t.test('all is kept with a share of one', async () => {
  fc.assert(fc.property(organization, key, (...names) => sampleWeight(...names, 1) === 1))
})

const N = 20_000
const KEYS: Record<string, (index: number) => [organization: string | undefined, key: string]> = {
  'numbers that count up': (index) => [undefined, String(index)],
  'a common prefix': (index) => ['acme', `session-2026-01-01-${index}`],
  'a common suffix': (index) => ['acme', `${index}-session-of-a-device-in-the-field`],
  'one key of many organizations': (index) => [`org-${index}`, 'k'],
  'padded hexadecimal': (index) => ['o', (index * 4_096).toString(16).padStart(32, '0')]
}

t.test('keeps the share that is asked for, and weights that sum to what came, whatever keys look like', async (t) => {
  for (const [name, keyOf] of Object.entries(KEYS)) {
    for (const share of [0.01, 0.1, 0.5, 0.9]) {
      let kept = 0
      let estimate = 0
      for (let index = 0; index < N; index++) {
        const weight = sampleWeight(...keyOf(index), share)
        if (weight === undefined) continue
        kept++
        estimate += weight
      }
      const deviation = Math.sqrt(N * share * (1 - share))
      t.ok(Math.abs(kept - N * share) < 4.5 * deviation, `${name}: ${kept} of ${N} at ${share}`)
      t.ok(Math.abs(estimate - N) < 4.5 * deviation / share, `${name}: an estimate of ${estimate}`)
    }
  }
})

t.test('the weights stay unbiased while the share moves', async (t) => {
  let estimate = 0
  let variance = 0
  for (let index = 0; index < N; index++) {
    const share = 0.05 + 0.9 * Math.abs(Math.sin(index / 500))
    estimate += sampleWeight('acme', `key-${index}`, share) ?? 0
    variance += (1 - share) / share
  }
  t.ok(Math.abs(estimate - N) < 4.5 * Math.sqrt(variance), `${estimate} of ${N}`)
})

t.test('organizations are sampled independently of each other', async (t) => {
  let both = 0
  for (let index = 0; index < N; index++) {
    if (sampleWeight('a', `${index}`, 0.5) !== undefined && sampleWeight('b', `${index}`, 0.5) !== undefined) both++
  }
  t.ok(Math.abs(both - N / 4) < 4.5 * Math.sqrt(N * 3 / 16), `${both} of ${N} kept by both`)
})

t.test('where the organization ends matters', async (t) => {
  const differ = Array.from({ length: 200 }, (_, index) =>
    (sampleWeight('ab', `c${index}`, 0.5) === undefined) !== (sampleWeight('a', `bc${index}`, 0.5) === undefined))
  t.ok(differ.includes(true))
})
