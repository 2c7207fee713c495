import fc from 'fast-check'
import t from 'tap'
import { afterAnswer, afterBusy, afterFailure, FIRST_PAUSE_MS, isFailing, MAX_PAUSE_MS, outagePauseMs, pauseMs, STEADY, type Pace } from '../../../services/delivery/pace.ts'

t.test('doubles the pause from 250 ms to 30 s', async (t) => {
  t.strictSame([1, 2, 3, 7, 8, 9, 5_000].map(outagePauseMs), [250, 500, 1_000, 16_000, 30_000, 30_000, 30_000])
})

t.test('starts without a pause', async (t) => {
  t.equal(pauseMs(STEADY, 0), 0)
  t.notOk(isFailing(STEADY))
})

t.test('lengthens the pause with each delivery that fails after the last failure', async (t) => {
  const first = afterFailure(STEADY, 0, 10)
  t.equal(pauseMs(first, 10), 250)
  t.equal(pauseMs(first, 200), 60)
  t.equal(pauseMs(first, 260), 0)
  const second = afterFailure(first, 260, 300)
  t.equal(pauseMs(second, 300), 500)
  t.ok(isFailing(second))
})

t.test('takes deliveries that were under way together for one failure', async (t) => {
  const first = afterFailure(STEADY, 0, 100)
  t.equal(afterFailure(first, 0, 101), first)
  t.equal(afterFailure(first, 99, 5_000), first)
})

t.test('forgets failures at the first success, but not what the consumer asked for', async (t) => {
  const failing = afterFailure(afterFailure(STEADY, 0, 1), 2, 3)
  t.equal(pauseMs(afterAnswer(failing), 3), 0)
  t.equal(pauseMs(afterFailure(afterAnswer(failing), 4, 5), 5), FIRST_PAUSE_MS)
  t.equal(pauseMs(afterAnswer(afterBusy(failing, 4_000, 3)), 3), 4_000)
})

t.test('keeps the longest pause that was asked for', async (t) => {
  const busy = afterBusy(afterBusy(STEADY, 5_000, 0), 1_000, 10)
  t.equal(pauseMs(busy, 10), 4_990)
  t.notOk(isFailing(busy), 'a consumer that asks for patience is not failing')
})

t.test('never pauses longer than 30 s for failures, and never shorter than the wave before', async () => {
  fc.assert(fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), (gaps) => {
    let pace: Pace = STEADY
    let now = 0
    let last = 0
    return gaps.every((gap) => {
      now += gap + 1
      pace = afterFailure(pace, now, now)
      const pause = pauseMs(pace, now)
      const isLawful = pause >= last && pause >= FIRST_PAUSE_MS && pause <= MAX_PAUSE_MS
      last = pause
      return isLawful
    })
  }))
})
