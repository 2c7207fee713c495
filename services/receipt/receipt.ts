import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { PrioritySchema } from '../event/event.ts'

const Time = (description: string) => Type.String({ format: 'date-time', description })

const attempt = Type.Integer({ description: 'Which attempt it is or was or the next one is, 1 first' })
const enqueuedAt = Time('When it went into the queue')
const startedAt = Time('When a worker last took it')

/** What is known of an event for as long as it is in the queue itself. */
const QUEUED = { type: Type.String(), attempt, receivedAt: Time('When the API took it in'), enqueuedAt }

function receipt<Status extends string, Properties extends TProperties> (status: Status, description: string, properties: Properties) {
  return Type.Object({ id: Type.String(), status: Type.Literal(status), ...properties }, { description })
}

export const UnknownReceiptSchema = receipt('unknown', 'Never came, or is older than what is kept', {})

/** Where an event is. Each status carries what is known in it; times are RFC 3339. */
export const ReceiptSchema = Type.Union([
  receipt('spooled', 'On the local disk of the process that answered', { priority: PrioritySchema, receivedAt: Type.Optional(Time('When the API took it in')) }),
  receipt('waiting', 'In the queue', { priority: PrioritySchema, ...QUEUED }),
  receipt('active', 'A worker has it', { priority: PrioritySchema, ...QUEUED, startedAt: Type.Optional(startedAt) }),
  receipt('retrying', 'Put off until its next attempt', { priority: PrioritySchema, ...QUEUED, nextAttemptAt: Time('When it is taken again at the earliest') }),
  receipt('done', 'Handled', {
    priority: PrioritySchema, enqueuedAt: Type.Optional(enqueuedAt), startedAt: Type.Optional(startedAt), finishedAt: Time('When its batch was finished')
  }),
  receipt('dead-letter', 'Could not be handled; once it is replayed it is waiting again', {
    priority: PrioritySchema,
    type: Type.Optional(Type.String()),
    attempt: Type.Optional(attempt),
    enqueuedAt: Type.Optional(enqueuedAt),
    diedAt: Time('When it was given up'),
    deletedAt: Type.Optional(Time('When an operator deleted the dead letter')),
    reason: Type.Optional(Type.String({ description: 'Absent once the dead letter is gone' })),
    deadLetterId: Type.Optional(Type.String({ description: 'For operators, who find there what went wrong' }))
  }),
  UnknownReceiptSchema
])

export type Receipt = Static<typeof ReceiptSchema>

/** Longest id that is looked for; events have none that is longer. */
export const MOST_ID_CHARACTERS = 256
