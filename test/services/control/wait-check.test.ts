import t from 'tap'
import { WaitCheck } from '../../../services/control/wait-check.ts'

const waits = (normal: number) => ({ critical: 0, normal, low: normal })
const ages = (normal: number | null) => ({ critical: null, normal, low: null })

/** A burst of `events` at once, served at `capacity` per second although `believed` is predicted; a look a second. */
function burst (events: number, capacity: number, believed: number): string[][] {
  const check = new WaitCheck()
  check.observe(0, waits(0), ages(null))
  return Array.from({ length: Math.ceil(events / capacity) }, (_, second) => {
    const left = events - second * capacity
    return check.observe(1_000 + second * 1_000, waits(left / believed * 1_000), ages(second * 1_000))
  })
}

t.test('a backlog that drains as predicted disproves nothing, from its first event to its last', async (t) => {
  t.strictSame(burst(6_000, 100, 100).flat(), [])
  t.strictSame(burst(6_000, 100, 60).flat(), [], 'nor one that drains somewhat slower')
})

t.test('a wait of twice what was predicted is told, of its class', async (t) => {
  const told = burst(6_000, 100, 250)
  t.strictSame(told[20], [], 'not yet')
  t.strictSame(told.at(-1), ['normal'])
})

t.test('says nothing of events that came before it looked, of short waits and of classes that starved', async (t) => {
  t.strictSame(new WaitCheck().observe(0, waits(10), ages(60_000)), [])
  const check = new WaitCheck()
  check.observe(0, waits(10), ages(null))
  t.strictSame(check.observe(900, waits(10), ages(900)), [])
  const starved = new WaitCheck()
  starved.observe(0, waits(Infinity), ages(null))
  t.strictSame(starved.observe(60_000, waits(0), ages(60_000)), [])
})

t.test('remembers ten minutes', async (t) => {
  const check = new WaitCheck()
  for (let second = 0; second <= 700; second++) check.observe(second * 1_000, waits(1_000), ages(null))
  t.strictSame(check.observe(700_000, waits(1_000), ages(590_000)), ['normal'])
  t.strictSame(check.observe(700_000, waits(1_000), ages(690_000)), [])
})

t.test('a clock that was set back silences nothing, and predictions of its future disprove nothing', async (t) => {
  const check = new WaitCheck()
  check.observe(3_600_000, waits(10), ages(null))
  t.strictSame(check.observe(0, waits(1_000), ages(60_000)), [])
  for (let second = 1; second <= 9; second++) check.observe(second * 1_000, waits(1_000), ages(null))
  t.strictSame(check.observe(10_000, waits(1_000), ages(9_000)), ['normal'])
})

t.test('holds an event against the longest wait that was predicted around its coming, and no other', async (t) => {
  const check = new WaitCheck()
  check.observe(0, waits(10_000), ages(null))
  check.observe(500, waits(10), ages(null))
  t.strictSame(check.observe(5_000, waits(10), ages(5_000)), [], 'within a second the longest counts')
  const later = new WaitCheck()
  later.observe(0, waits(1_000), ages(null))
  later.observe(10_000, waits(60_000), ages(null))
  t.strictSame(later.observe(20_000, waits(60_000), ages(20_000)), ['normal'], 'that of ten seconds later does not')
})

t.test('a wait of one and a half of the prediction is no disagreement', async (t) => {
  const check = new WaitCheck()
  check.observe(0, waits(4_000), ages(null))
  t.strictSame(check.observe(6_000, waits(4_000), ages(6_000)), [])
  t.strictSame(check.observe(8_100, waits(4_000), ages(8_100)), ['normal'])
})
