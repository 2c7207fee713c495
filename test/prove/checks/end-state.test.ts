import t from 'tap'
import { circuitProblems, deadLetterProblems, ledgerProblems } from '../../../prove/checks/end-state.ts'
import type { Status } from '../../../prove/watch/status.ts'

const STATUS: Status = {
  pending: 0, deadLetters: 0, spooled: 0, circuitState: 'CLOSED', done: 10, expired: 2, imbalance: { admission: 0, queue: 0 }
}

const NONE = { damaged: 0, unbooked: 0 }

t.test('the books balance and agree with the consumer', async (t) => {
  t.strictSame(ledgerProblems(STATUS, { handled: 10, arrivals: 10, expired: 2, ...NONE }), [])
  t.strictSame(ledgerProblems(STATUS, { handled: 8, arrivals: 12, expired: 2, ...NONE }), [])
  t.strictSame(ledgerProblems(STATUS, { handled: 11, arrivals: 12, expired: 1, ...NONE }), [], 'taken, unanswered, and expired')
  for (const [status, counted] of [
    [undefined, { handled: 10, arrivals: 10, expired: 2, ...NONE }],
    [
      { ...STATUS, imbalance: { admission: 1, queue: 0 } },
      { handled: 10, arrivals: 10, expired: 2, ...NONE }
    ],
    [
      { ...STATUS, imbalance: {} }, { handled: 10, arrivals: 10, expired: 2, ...NONE }
    ],
    [STATUS, { handled: 11, arrivals: 12, expired: 2, ...NONE }],
    [STATUS, { handled: 12, arrivals: 12, expired: 1, ...NONE }],
    [STATUS, { handled: 10, arrivals: 10, expired: 3, ...NONE }],
    [STATUS, { handled: 8, arrivals: 9, expired: 2, ...NONE }]
  ] as const) t.equal(ledgerProblems(status, counted).length, 1)
})

t.test('the ledger lacks the events that a fault has damaged, and may lack the end of those that Redis forgot', async (t) => {
  const counted = { handled: 10, arrivals: 10, expired: 2, damaged: 3, unbooked: 3 }
  t.strictSame(ledgerProblems({ ...STATUS, imbalance: { admission: 0, queue: 3 } }, counted), [])
  for (const imbalance of [{ admission: 0, queue: 0 }, { admission: 3, queue: 3 }, { admission: 0, queue: 4 }]) {
    t.equal(ledgerProblems({ ...STATUS, imbalance }, counted).length, 1, JSON.stringify(imbalance))
  }
  const forgotten = { handled: 12, arrivals: 12, expired: 3, damaged: 0, unbooked: 2 }
  t.strictSame(ledgerProblems(STATUS, forgotten), [])
  t.equal(ledgerProblems(STATUS, { ...forgotten, unbooked: 0 }).length, 2)
})

t.test('every circuit is closed in the end', async (t) => {
  t.strictSame(circuitProblems(['CLOSED', 'CLOSED']), [])
  t.equal(circuitProblems(['CLOSED', 'OPEN']).length, 1)
  t.equal(circuitProblems(['HALF_OPEN', undefined]).length, 2)
})

t.test('dead letters are those that were caused, and all of them', async (t) => {
  const refused = (sequence: number) => sequence < 3
  const deadLetter = (sequence: number | undefined) => ({ sequence, reason: 'refused' })
  t.strictSame(deadLetterProblems([deadLetter(1), deadLetter(2)], refused, new Set([1])), [])
  t.equal(deadLetterProblems([deadLetter(1), deadLetter(3)], refused, new Set([1])).length, 1, 'of nothing')
  t.equal(deadLetterProblems([deadLetter(undefined)], refused, new Set()).length, 1, 'of nobody')
  t.equal(deadLetterProblems([], refused, new Set([1])).length, 1, 'missing')
})

t.test('a refused event whose deadline passed before the next attempt is expired, if the ledger has it', async (t) => {
  const problems = (expired: number, hasDeadline = true) =>
    deadLetterProblems([], () => true, new Set([1, 2]), { hasDeadline: () => hasDeadline, expired })
  t.strictSame(problems(2), [])
  t.equal(problems(1).length, 1, 'one of them is booked as expired')
  t.equal(problems(2, false).length, 2, 'without deadlines nothing expires')
})
