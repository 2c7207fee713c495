import fc from 'fast-check'
import t from 'tap'
import { REPEAT_INTERVAL_MS, throttled } from '../../../services/logging/throttled-log.ts'

/** A throttled log with a clock in the hand of the test. */
function startLog () {
  const clock = { now: 0 }
  const logged: [message: string, suppressed: number][] = []
  const log = throttled(({ message }, suppressed) => { logged.push([message, suppressed]) }, () => clock.now)
  return { clock, logged, log: (message: string) => log(new Error(message)) }
}

t.test('the same message passes once in an interval, and tells how often it was left out', async (t) => {
  const { clock, log, logged } = startLog()
  for (let repeat = 0; repeat < 500; repeat++) {
    log('connection lost')
    clock.now += 10
  }
  t.strictSame(logged, [['connection lost', 0]])
  clock.now = REPEAT_INTERVAL_MS - 1
  log('connection lost')
  clock.now = REPEAT_INTERVAL_MS
  log('connection lost')
  t.strictSame(logged, [['connection lost', 0], ['connection lost', 500]])
  clock.now = 2 * REPEAT_INTERVAL_MS
  log('connection lost')
  t.strictSame(logged.at(-1), ['connection lost', 0])
})

t.test('another message passes at once', async (t) => {
  const { log, logged } = startLog()
  for (const message of ['connection lost', 'out of memory', 'out of memory', 'read only']) log(message)
  t.strictSame(logged, [['connection lost', 0], ['out of memory', 0], ['read only', 0]])
})

t.test('messages that alternate pass once in an interval each', async (t) => {
  const { clock, log, logged } = startLog()
  for (let repeat = 0; repeat < 100; repeat++) {
    log('connection lost')
    log('out of memory')
    clock.now += 10
  }
  t.strictSame(logged, [['connection lost', 0], ['out of memory', 0]])
})

t.test('no repetition of one message is lost from the count', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(fc.nat({ max: REPEAT_INTERVAL_MS }), { maxLength: 50 }), (pauses) => {
      const { clock, log, logged } = startLog()
      for (const pause of pauses) {
        clock.now += pause
        log('connection lost')
      }
      clock.now += REPEAT_INTERVAL_MS
      log('connection lost')
      return logged.reduce((total, [, suppressed]) => total + suppressed + 1, 0) === pauses.length + 1
    }))
  )
})
