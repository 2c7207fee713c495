import fc from 'fast-check'
import t from 'tap'
import { MOST_PER_TURN_MS, TurnedTime } from '../../../services/clock/turned-time.ts'

/** The time that a loop shows which turns after each of these gaps. */
function shown (gaps: readonly number[]): number {
  const time = new TurnedTime(1_000)
  let now = 1_000
  for (const gap of gaps) time.turn(now += gap)
  return time.elapsedMs
}

t.test('a gap counts as it is, up to what one turn may add', async (t) => {
  const cases: [number[], number][] = [
    [[], 0],
    [[10, 20, 30], 60],
    [[MOST_PER_TURN_MS], MOST_PER_TURN_MS],
    [[3_600_000], MOST_PER_TURN_MS],
    [[10, 1_500, 10], 20 + MOST_PER_TURN_MS],
    [[-5, 10], 10]
  ]
  for (const [gaps, expected] of cases) t.equal(shown(gaps), expected, JSON.stringify(gaps))
})

t.test('it never runs ahead of the clock, never back, and never by more than its turns allow', async (t) => {
  const gap = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 10_000_000 }))
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(gap, { maxLength: 50 }), fc.array(gap, { maxLength: 50 }), (first, then) => {
      const total = shown([...first, ...then])
      return total <= [...first, ...then].reduce((sum, gap) => sum + gap, 0) &&
        total <= (first.length + then.length) * MOST_PER_TURN_MS && total === shown(first) + shown(then)
    }))
  )
})
