import t from 'tap'
import { judgeDuplicates, SETTLING_MS } from '../../../prove/checks/duplicates.ts'
import type { Call } from '../../../prove/consumer/calls.ts'
import type { Disturbance, Risk } from '../../../prove/timeline.ts'

const call = (handledAtMs: number, endedAtMs: number, events = 1): Call => ({ handledAtMs, endedAtMs, events })
const fault = (risk: Risk, beganAtMs = 10_000): Disturbance => ({
  number: 1,
  fault: 'x',
  risk,
  holdsCalls: false,
  beganAtMs,
  struckAtMs: beganAtMs,
  endedAtMs: beganAtMs + 10_000,
  restoredAtMs: beganAtMs + 10_000,
  recoveredAtMs: beganAtMs + 11_000
})

t.test('an event that comes again needs an earlier call that was open when a fault struck or ended', async (t) => {
  const table: [first: Call, risk: Risk, isExplained: boolean][] = [
    [call(9_900, Infinity), 'strikes', true],
    [call(9_900, 9_950), 'strikes', true],
    [call(6_000, 10_000 - SETTLING_MS - 1), 'strikes', false],
    [call(13_500, 13_510), 'strikes', false],
    [call(13_500, 13_510), 'throughout', true],
    [call(19_990, 20_010), 'strikes', true],
    [call(9_900, Infinity), 'none', false],
    [call(30_000, 30_010), 'throughout', false],
    [call(13_500, 13_510), 'rollback', true],
    [call(30_000, 30_010), 'rollback', false]
  ]
  for (const [first, risk, isExplained] of table) {
    const { unexplained, byDisturbance } = judgeDuplicates(
      new Map([[5, [0, 1]]]), [first, call(40_000, 40_001)], [fault(risk)], 0
    )
    t.strictSame(unexplained, isExplained ? [] : [5], `${first.handledAtMs} ${risk}`)
    t.equal(byDisturbance.get(1)?.repeated, isExplained ? 1 : 0)
  }
})

t.test('without a fault nothing may come again', async (t) => {
  t.strictSame(
    judgeDuplicates(
      new Map([
        [5, [0, 0]], [6, [0, 1]]
      ]),
      [call(0, 1), call(2, 3)],
      [],
      20
    ).unexplained,
    [5, 6]
  )
})

t.test('a fault brings again no more than the largest calls, one for each slot', async (t) => {
  const calls = [call(9_900, 12_000, 3), call(10_100, 12_000, 2), call(10_200, 12_000, 50), call(10_300, 12_000, 40)]
  const repeats = new Map([[1, [0, 3]], [2, [2, 3]]])
  const most = (risk: Risk, slots: number) =>
    judgeDuplicates(repeats, calls, [fault(risk)], slots).byDisturbance.get(1)?.most
  t.equal(most('strikes', 0), 0)
  t.equal(most('strikes', 1), 50)
  t.equal(most('strikes', 3), 93)
  t.equal(most('throughout', 1), 3 + 50)
  t.equal(most('rollback', 1), 3 + 2 + 50 + 40, 'all, if Redis is put back to an earlier moment')
})

t.test('each of three times needs a cause of its own', async (t) => {
  const calls = [call(9_900, Infinity), call(30_000, 30_001), call(40_000, 40_001)]
  t.strictSame(judgeDuplicates(new Map([[5, [0, 1, 2]]]), calls, [fault('strikes')], 1).unexplained, [5])
})
