import t from 'tap'
import { receiptProblem, type ReceiptAnswer, type ReceiptKnowledge } from '../../../prove/checks/receipt.ts'
import { factsOf } from '../../../prove/event/facts.ts'

const FACTS = factsOf(1, 7, { form: 'single', identity: 'none', bias: 'none' })
const ANSWER: ReceiptAnswer = {
  http: 200, status: 'waiting', id: 'x', type: FACTS.type, priority: FACTS.priority, attempt: 1
}
const KNOWN: ReceiptKnowledge = {
  ids: ['x', 'key'],
  level: 'queued',
  isLevelVague: false,
  wasHandledBefore: false,
  wasHandled: false,
  fateBefore: 'none',
  fateAfter: 'none',
  isPastDeadline: false,
  lastEnd: undefined,
  isDisturbed: false,
  isOver: false
}

type Row = [answer: Partial<ReceiptAnswer>, known: Partial<ReceiptKnowledge>]

const unknown = { http: 404, status: 'unknown' }
const away = { http: 503, status: undefined }

t.test('what can be true is taken', async (t) => {
  const table: Row[] = [
    [{}, {}],
    [{ status: 'active' }, {}],
    [{ status: 'expired' }, { isPastDeadline: true }],
    [{ status: 'expired' }, { isPastDeadline: true, fateAfter: 'expired', isOver: true }],
    [{ status: 'done' }, { wasHandled: true }],
    [{ status: 'dead-letter' }, { fateAfter: 'refused' }],
    [{ status: 'spooled' }, { level: 'spooled' }],
    [unknown, { level: 'spooled' }],
    [unknown, { level: 'spooled', wasHandled: true }],
    [unknown, { level: undefined }],
    [away, { isDisturbed: true }],
    [{ status: 'waiting' }, { lastEnd: 'dead-letter', fateAfter: 'replayed' }],
    [{ status: 'done' }, { wasHandled: true, lastEnd: 'dead-letter', fateAfter: 'replayed', isOver: true }]
  ]
  for (const [answer, known] of table) {
    t.equal(
      receiptProblem({ ...ANSWER, ...answer }, FACTS, { ...KNOWN, ...known }),
      undefined,
      JSON.stringify([answer, known])
    )
  }
})

t.test('an event that was sent again may wait in a spool beside its other copy', async (t) => {
  const spooled = { ...ANSWER, status: 'spooled' }
  const keyed = { ...FACTS, identity: 'key' } as const
  const ended = { ...KNOWN, wasHandled: true, lastEnd: 'done' } as const
  t.equal(receiptProblem(spooled, keyed, KNOWN), undefined)
  t.equal(receiptProblem(spooled, keyed, { ...ended, isDisturbed: true }), undefined, 'Redis is away')
  t.equal(receiptProblem(spooled, FACTS, { ...ended, level: 'spooled', isDisturbed: true }), undefined, 'it timed out')
  t.equal(receiptProblem({ ...ANSWER, id: 'other' }, keyed, { ...KNOWN, ids: undefined }), undefined, 'and its id is unknown')
  t.type(receiptProblem(spooled, keyed, ended), 'string', 'Redis is there')
  t.type(receiptProblem(spooled, FACTS, { ...ended, isDisturbed: true }), 'string', 'it was posted once and queued')
})

t.test('what cannot be true is told', async (t) => {
  const table: Row[] = [
    [{ status: 'done' }, {}],
    [{ status: 'dead-letter' }, { wasHandled: true }],
    [{ status: 'spooled' }, {}],
    [{ status: 'waiting' }, { lastEnd: 'done', wasHandled: true }],
    [{ status: 'waiting' }, { lastEnd: 'dead-letter', fateAfter: 'refused' }],
    [unknown, {}],
    [unknown, { level: 'synced', isDisturbed: true }],
    [unknown, { level: 'spooled', wasHandledBefore: true, wasHandled: true }],
    [away, {}],
    [{ http: 500, status: undefined }, { isDisturbed: true }],
    [{ id: 'y' }, {}],
    [{ priority: FACTS.priority + 1 }, {}],
    [{ type: 'other' }, {}],
    [{ attempt: 0 }, {}],
    [{ status: 'lost' }, {}],
    [{ status: 'waiting' }, { isOver: true }],
    [{ status: 'expired' }, {}],
    [{ status: 'waiting' }, { fateAfter: 'expired', isPastDeadline: true, isOver: true }],
    [{ status: 'dead-letter' }, { fateBefore: 'replayed', fateAfter: 'replayed', isOver: true }],
    [{ status: 'done' }, { wasHandled: true, lastEnd: 'dead-letter', fateAfter: 'refused' }]
  ]
  for (const [answer, known] of table) {
    t.type(
      receiptProblem({ ...ANSWER, ...answer }, FACTS, { ...KNOWN, ...known }),
      'string',
      JSON.stringify([answer, known])
    )
  }
})
