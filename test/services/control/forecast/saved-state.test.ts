import t from 'tap'
import { restored } from '../../../../services/control/forecast/saved-state.ts'

const FRESH = { level: 0, profile: [0, 0], inner: { steps: 0 } }

t.test('takes what has the same shape, and a copy of it', async (t) => {
  const saved = { level: 1, profile: [2, 3], inner: { steps: 4 } }
  t.strictSame(restored(saved, FRESH), saved)
  t.not(restored(saved, FRESH), saved)
})

t.test('starts afresh from everything else', async (t) => {
  const broken: unknown[] = [
    undefined, null, 3, 'text', [], {},
    { ...FRESH, level: '1' },
    { ...FRESH, level: null },
    { ...FRESH, level: NaN },
    { ...FRESH, level: Infinity },
    { ...FRESH, profile: [1] },
    { ...FRESH, profile: [1, 2, 3] },
    { ...FRESH, profile: { 0: 1, 1: 2 } },
    { ...FRESH, inner: 1 },
    { ...FRESH, inner: {} },
    { ...FRESH, more: 1 },
    { level: 1, profile: [1, 2] }
  ]
  for (const saved of broken) t.equal(restored(saved, FRESH), FRESH, JSON.stringify(saved))
})
