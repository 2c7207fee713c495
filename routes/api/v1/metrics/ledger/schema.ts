import { Type, type TObject } from '@fastify/type-provider-typebox'
import { PRIORITY_CLASSES } from '../../../../../services/admission/priority-class.ts'
import { ADMISSION_OUTCOMES, LEDGER_CLASSES } from '../../../../../services/ledger/admission-ledger.ts'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'

const Off = {
  admission: Type.Integer({ description: 'The difference between the events received and those with an outcome' }),
  queue: Type.Integer({
    description: 'The difference between the events that entered the queue and those that left it or are in it'
  })
}
const counts = (names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer()])))
const byClass = (classes: readonly string[], balance: TObject) =>
  Type.Object(Object.fromEntries(classes.map((name) => [name, balance])))
const away = problemResponse('Redis is out of reach; try again.')

/** Redis and the log keep the reason. */
export const RebaseOrderSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) },
  { additionalProperties: false }
)

export const ledgerSchema = {
  tags: ['metrics'],
  operationId: 'getLedger',
  summary: 'Get the ledger of all processes',
  response: {
    200: Type.Object({
      imbalance: Type.Object(Off, { description: 'Both are 0 if every event is accounted for' }),
      admission: byClass(LEDGER_CLASSES, counts(['received', ...ADMISSION_OUTCOMES, 'rebased'])),
      queue: byClass(PRIORITY_CLASSES, counts(['enqueued', 'repeated', 'done', 'deadLettered', 'expired', 'pending', 'rebased'])),
      rebases: Type.Array(Type.Object({
        at: Type.String({ format: 'date-time' }),
        ...Off,
        reason: Type.String(),
        by: Type.String({ description: 'The address of the operator, or spillway' })
      }), {
        description: 'The latest hundred write-offs, the latest first'
      })
    }, { description: 'The ledger and its write-offs.' }),
    503: away
  }
}

export const rebaseSchema = {
  tags: ['metrics'],
  operationId: 'rebaseLedger',
  summary: 'Write off an imbalance of the ledger, with a reason',
  description:
    'Books the difference as rebased. The ledger balances again, and a new difference becomes visible. Find the ' +
    'cause first: a write-off changes nothing else and brings no event back.',
  body: RebaseOrderSchema,
  response: {
    200: Type.Object(Off, { description: 'The differences are written off; both are 0 if there were none.' }),
    400: problemResponse('The request is invalid; `errors` names every wrong field.'),
    413: problemResponse('The body is too large.'),
    415: problemResponse('The body is not JSON.'),
    503: away
  }
}
