import fc from 'fast-check'
import t from 'tap'
import {
  afterPauseSeen, afterRefusal, afterSuccess, FIRST_PAUSE_MS, MAX_PAUSE_MS, OBEYED_WAIT_MS, pauseMsAfter, TAKING,
  type Health, type Refusal
} from '../../../services/delivery/consumer-health.ts'

const CONSUMER: Refusal = { by: 'consumer' }
const SILENCE: Refusal = { by: 'silence' }
const DISTANCE: Refusal = { by: 'distance' }

/** The health after refusals of batches, one event each, one after the other. */
function after (steps: [refusal: Refusal, event: string][], start: Health = TAKING): Health {
  return steps.reduce(
    (health, [refusal, event], step) => afterRefusal(health, refusal, [event], 1_000 * step + 1, 1_000 * step + 2),
    start
  )
}

t.test('takes several different batches refused in a row for a consumer that fails, and nothing less', async (t) => {
  const table: [claim: string, steps: [Refusal, string][], state: Health['state']][] = [
    ['two', [[CONSUMER, 'a'], [CONSUMER, 'b']], 'taking'],
    ['three', [[CONSUMER, 'a'], [CONSUMER, 'b'], [CONSUMER, 'c']], 'failing'],
    [
      'the same again and again',
      [
        [CONSUMER, 'a'], [CONSUMER, 'a'], [CONSUMER, 'b'], [CONSUMER, 'a'], [CONSUMER, 'b']
      ],
      'taking'
    ],
    ['no answer to two', [[SILENCE, 'a'], [SILENCE, 'b']], 'taking'],
    ['no answer to three', [[SILENCE, 'a'], [SILENCE, 'b'], [SILENCE, 'c']], 'out-of-reach'],
    ['no connection', [[DISTANCE, 'a']], 'out-of-reach'],
    [
      'no connection while it fails',
      [
        [CONSUMER, 'a'], [CONSUMER, 'b'], [CONSUMER, 'c'], [DISTANCE, 'd']
      ],
      'out-of-reach'
    ],
    ['some of both', [[CONSUMER, 'a'], [SILENCE, 'b'], [CONSUMER, 'c']], 'out-of-reach'],
    ['in reach again, and refuses', [[DISTANCE, 'a'], [CONSUMER, 'b']], 'taking'],
    ['in reach again, and refuses on', [[DISTANCE, 'a'], [CONSUMER, 'b'], [CONSUMER, 'c'], [CONSUMER, 'd']], 'failing']
  ]
  for (const [claim, steps, state] of table) t.equal(after(steps).state, state, claim)
})

t.test('starts anew with each success, and does not count what began before it', async (t) => {
  const two = after([[CONSUMER, 'a'], [CONSUMER, 'b']])
  t.strictSame(afterRefusal(afterSuccess(5), CONSUMER, ['c'], 6, 7).refused.length, 1)
  t.equal(afterRefusal(two, CONSUMER, ['c'], 3_000, 3_001).state, 'failing')
  const succeeded = afterSuccess(5)
  t.equal(afterRefusal(succeeded, CONSUMER, ['c'], 4, 9), succeeded)
  t.equal(afterSuccess(5).state, 'taking')
})

t.test('batches that share an event are not different ones, and the later one counts', async (t) => {
  const states = (batches: string[][]) =>
    batches
      .reduce<Health[]>(
        (all, events, step) => [...all, afterRefusal(all.at(-1) ?? TAKING, CONSUMER, events, step, step)],
        []
      )
      .map(({ state }) => state)
  t.strictSame(states([['a', 'b', 'c'], ['c', 'd'], ['b'], ['d', 'c'], ['e']]), [
    'taking', 'taking', 'taking', 'taking', 'failing'
  ])
  t.strictSame(
    states([['a', 'b', 'c', 'd'], ['a'], ['b'], ['c', 'd']]),
    ['taking', 'taking', 'taking', 'failing'],
    'a consumer with one batch alone'
  )
})

t.test('lengthens the pause with each failure after the last, and takes those side by side for one', async (t) => {
  const failing = after([[CONSUMER, 'a'], [CONSUMER, 'b'], [CONSUMER, 'c']])
  t.equal(failing.pauseMs, 250)
  t.equal(afterRefusal(failing, CONSUMER, ['d'], failing.failedAt, 9_000), failing)
  t.equal(afterRefusal(failing, CONSUMER, ['d'], failing.failedAt + 1, 9_000).pauseMs, 500)
  t.strictSame(
    [1, 2, 3, 7, 8, 9, 5_000].map((failures) => pauseMsAfter(failures)),
    [250, 500, 1_000, 16_000, 30_000, 30_000, 30_000]
  )
})

t.test('waits as long as a consumer asks when that is short, and asks long before the end of a long wait', async (t) => {
  t.strictSame(
    [1_000, 5_000, 6_000, 1e12].map((waitMs) => pauseMsAfter(1, waitMs)),
    [1_000, 5_000, OBEYED_WAIT_MS, OBEYED_WAIT_MS]
  )
  t.equal(pauseMsAfter(7, 1e12), 16_000)
})

t.test('asks with one event first when another worker made all pause', async (t) => {
  const seen = afterPauseSeen(TAKING, 4_000, 10)
  t.match(seen, { state: 'failing', failures: 4 })
  t.equal(afterRefusal(seen, CONSUMER, ['a'], 11, 12).pauseMs, 4_000)
  t.equal(afterPauseSeen(seen, 8_000, 20), seen)
  const succeeded = afterSuccess(100)
  t.equal(
    afterPauseSeen(succeeded, 4_000, 100 + FIRST_PAUSE_MS - 1),
    succeeded,
    'a reading may be older than the success'
  )
  t.equal(afterPauseSeen(succeeded, 4_000, 100 + FIRST_PAUSE_MS).state, 'failing')
})

t.test('never pauses longer than 30 s nor shorter than before, and one success ends it', async () => {
  const step = fc.record({
    by: fc.constantFrom('consumer' as const, 'silence' as const, 'distance' as const),
    gap: fc.nat(100_000),
    waitMs: fc.nat(1_000_000_000)
  })
  fc.assert(fc.property(fc.array(step, { minLength: 1 }), (steps) => {
    let health: Health = TAKING
    let now = 0
    return steps.every(({ by, gap, waitMs }, index) => {
      now += gap + 1
      const next = afterRefusal(health, by === 'consumer' ? { by, waitMs } : { by }, [String(index)], now, now)
      const isLawful =
        next.state === 'taking' ||
        (next.pauseMs >= FIRST_PAUSE_MS &&
          next.pauseMs <= MAX_PAUSE_MS &&
          next.failures >= (next.state === health.state ? health.failures : 1))
      health = next
      return isLawful
    }) && afterSuccess(now).state === 'taking'
  }))
})
