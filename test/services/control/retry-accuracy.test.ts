import t from 'tap'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { RefusalKind } from '../../../services/admission/refusal.ts'
import { RetryAccuracy } from '../../../services/control/retry-accuracy.ts'

function start () {
  const settled: [PriorityClass, number][] = []
  let now = 0
  const accuracy = new RetryAccuracy({ now: () => now, onSettled: (name, value) => settled.push([name, value]) })
  return {
    accuracy,
    settled,
    at: (ms: number) => { now = ms },
    refuse: (name: PriorityClass, retryAfterSeconds: number | undefined, kind: RefusalKind = 'load') =>
      accuracy.refused(name, { kind, reason: 'x', retryAfterSeconds })
  }
}

const NOBODY = () => false

t.test('compares a suggested wait with the time until the class gets in, at least 1 s', async (t) => {
  const { accuracy, settled, at, refuse } = start()
  refuse('normal', 6)
  at(3_000)
  accuracy.admitted('low')
  t.strictSame(settled, [], 'another class says nothing')
  accuracy.admitted('normal')
  accuracy.observe(NOBODY)
  refuse('normal', 2)
  at(3_100)
  accuracy.observe((name) => name === 'normal')
  t.strictSame(settled, [['normal', 2], ['normal', 2]], '6 s for 3 s, and 2 s for the least of 1 s')
  t.match(accuracy.quantiles, { normal: { p50: 2, p90: 2 }, low: { p50: null, p90: null } })
})

t.test('one refusal of a class stands for all until the next reading', async (t) => {
  const { accuracy, settled, refuse } = start()
  for (let count = 0; count < 3; count++) refuse('low', 2)
  accuracy.observe(NOBODY)
  refuse('low', 3)
  accuracy.admitted('low')
  t.strictSame(settled.map(([, value]) => value), [2, 3])
})

t.test('leaves out quotas and refusals for ever', async (t) => {
  const { accuracy, settled, refuse } = start()
  refuse('low', 5, 'quota')
  refuse('low', undefined)
  accuracy.admitted('low')
  t.strictSame(settled, [])
})

t.test('follows a bounded number of refusals, spread over an overload of any length', async (t) => {
  const { accuracy, settled, at, refuse } = start()
  const READINGS = 20_000
  for (let reading = 0; reading < READINGS; reading++) {
    at(reading * 100)
    refuse('low', 100)
    accuracy.observe(NOBODY)
  }
  accuracy.admitted('low')
  t.ok(settled.length >= 128 && settled.length < 256, `${settled.length} refusals`)
  const late = settled.filter(([, value]) => value > 100 / (READINGS * 0.1 / 2))
  t.ok(Math.abs(late.length / settled.length - 0.5) < 0.05, 'half of them came in the second half')
})

t.test('tells for how long a class has been refused without a break', async (t) => {
  const { accuracy, at, refuse } = start()
  at(1_000)
  refuse('low', 5)
  accuracy.observe(NOBODY)
  at(4_000)
  refuse('low', 5)
  t.strictSame(accuracy.refusedMs, { critical: 0, normal: 0, low: 3_000 })
  accuracy.admitted('low')
  t.strictSame(accuracy.refusedMs, { critical: 0, normal: 0, low: 0 })
})
