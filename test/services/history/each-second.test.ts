import fc from 'fast-check'
import t from 'tap'
import { eachSecond, secondAt } from '../../../services/history/each-second.ts'

t.test('a timer that comes early or late stands for its second, and the next one for a later one', async (t) => {
  const table: [nowMs: number, second: number, untilNextMs: number][] = [
    [7_000, 7, 1_000],
    [6_999, 7, 1_001],
    [7_001, 7, 999],
    // Late by more than half a second, it is still not the next one.
    [7_900, 7, 100]
  ]
  for (const [nowMs, second, untilNextMs] of table)
    t.strictSame(secondAt(nowMs), { second, untilNextMs }, String(nowMs))
})

t.test('no second is told twice, whatever timers do', async (t) => {
  fc.assert(fc.property(
    fc.nat(10 ** 12),
    fc.array(fc.integer({ min: -50, max: 5_000 }), { minLength: 2 }),
    (startMs, errors) => {
      let nowMs = startMs
      let last = -Infinity
      for (const error of errors) {
        nowMs += secondAt(nowMs).untilNextMs + error
        const { second } = secondAt(nowMs)
        if (second <= last) return false
        last = second
      }
      return true
    }
  ))
  t.pass('none was')
})

t.test('calls back with the second that the clock says, until it is ended', async (t) => {
  let nowMs = 4_940
  const told = Promise.withResolvers<number>()
  const stop = eachSecond(told.resolve, () => {
    const was = nowMs
    nowMs = 4_999
    return was
  })
  t.teardown(async () => stop())
  // The timer itself does not keep the process.
  const keep = setInterval(() => {}, 1_000)
  t.equal(await told.promise, 5)
  clearInterval(keep)
})
