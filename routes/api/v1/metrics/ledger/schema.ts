import { Type, type TObject } from '@fastify/type-provider-typebox'
import { PRIORITY_CLASSES } from '../../../../../services/backpressure/priority-class.ts'
import { DOOR_OUTCOMES, LEDGER_CLASSES } from '../../../../../services/ledger/door-ledger.ts'
import { MOST_REASON_CHARACTERS } from '../../../../../services/ledger/rebase-order.ts'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'

const Off = {
  door: Type.Integer({ description: 'Events by which what came and what became of it differ' }),
  queue: Type.Integer({ description: 'Events by which the queue does not add up' })
}
const counts = (names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer()])))
const byClass = (classes: readonly string[], balance: TObject) =>
  Type.Object(Object.fromEntries(classes.map((name) => [name, balance])))
const away = problemResponse('The queue cannot be reached')

export const ledgerSchema = {
  tags: ['metrics'],
  summary: 'The ledger of all processes, and what operators have written off',
  response: {
    200: Type.Object({
      imbalance: Type.Object(Off, { description: 'Both are 0 when all is well' }),
      door: byClass(LEDGER_CLASSES, counts(['received', ...DOOR_OUTCOMES, 'rebased'])),
      queue: byClass(PRIORITY_CLASSES, counts(['enqueued', 'repeated', 'done', 'deadLettered', 'pending', 'rebased'])),
      rebases: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), ...Off, reason: Type.String(), by: Type.String({ description: 'Address of the operator, or spillway' }) }), {
        description: 'The latest hundred differences that were written off, the latest first'
      })
    }),
    503: away
  }
}

export const rebaseSchema = {
  tags: ['metrics'],
  summary: 'Write an imbalance of the ledger off, with a reason',
  description:
    'Books the difference as rebased, so that the ledger adds up again and a new difference is seen. Find out first ' +
    'what happened: nothing else is changed, and no event comes back.',
  body: Type.Object(
    { reason: Type.String({ minLength: 1, maxLength: MOST_REASON_CHARACTERS }) },
    { additionalProperties: false }
  ),
  response: {
    200: Type.Object(Off, { description: 'The differences that were written off; both are 0 when there was nothing' }),
    400: problemResponse('The request is wrong, field by field'),
    413: problemResponse('The body is too large'),
    415: problemResponse('Not JSON'),
    503: away
  }
}
