import t from 'tap'
import fc from 'fast-check'
import { samplePlace, sampleWeight } from '../../../services/admission/sample-weight.ts'

/** The weight of an event under a share; undefined if it is not kept. */
const weightOf = (organizationId: string | undefined, sampleKey: string, share: number) =>
  sampleWeight(samplePlace(organizationId, sampleKey), share)

const key = fc.string({ maxLength: 40 })
const organization = fc.option(fc.string({ maxLength: 20 }), { nil: undefined })
const share = fc.integer({ min: 1, max: 1_000 }).map((thousandths) => thousandths / 1_000)

t.test('a lower share keeps a part of what a higher one keeps, and the answer is always the same', async () => {
  fc.assert(fc.property(organization, key, share, share, (organizationId, sampleKey, one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)]
    const kept = weightOf(organizationId, sampleKey, low)
    const isNested = kept === undefined || weightOf(organizationId, sampleKey, high) !== undefined
    return isNested && kept === weightOf(organizationId, sampleKey, low) && (kept === undefined || kept === 1 / low)
  }))
})

t.test('all is kept with a share of one', async () => {
  fc.assert(fc.property(organization, key, (...names) => weightOf(...names, 1) === 1))
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
        const weight = weightOf(...keyOf(index), share)
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
    estimate += weightOf('acme', `key-${index}`, share) ?? 0
    variance += (1 - share) / share
  }
  t.ok(Math.abs(estimate - N) < 4.5 * Math.sqrt(variance), `${estimate} of ${N}`)
})

t.test('organizations are sampled independently of each other', async (t) => {
  let both = 0
  for (let index = 0; index < N; index++) {
    if (weightOf('a', `${index}`, 0.5) !== undefined && weightOf('b', `${index}`, 0.5) !== undefined) both++
  }
  t.ok(Math.abs(both - N / 4) < 4.5 * Math.sqrt(N * 3 / 16), `${both} of ${N} kept by both`)
})

t.test('where the organization ends matters', async (t) => {
  const differ = Array.from({ length: 200 }, (_, index) =>
    (weightOf('ab', `c${index}`, 0.5) === undefined) !== (weightOf('a', `bc${index}`, 0.5) === undefined))
  t.ok(differ.includes(true))
})
