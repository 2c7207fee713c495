import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { PrioritySchema } from '../event/event.ts'

const Time = (description: string) => Type.String({ format: 'date-time', description })

const attempt = Type.Integer({ description: 'The number of the current, the last or the next attempt, from 1' })
const enqueuedAt = Time('When the event entered the queue')
const startedAt = Time('When a worker last took the event')

const estimatedStartAt = Type.Optional(Time(
  'When a worker is expected to begin, from the events before it and the capacity of the workers; absent without evidence ' +
  'of it, such as while work is paused'
))

/** The fields of an event while it is in the queue. */
const QUEUED = { type: Type.String(), attempt, receivedAt: Time('When the API took the event'), enqueuedAt }

function receipt<Status extends string, Properties extends TProperties> (
  status: Status,
  description: string,
  properties: Properties
) {
  return Type.Object({ id: Type.String(), status: Type.Literal(status), ...properties }, { description })
}

export const UnknownReceiptSchema = receipt('unknown', 'The event never came, or its receipt has expired', {})

/** The state of an event. Each status has its own fields; times are RFC 3339. */
export const ReceiptSchema = Type.Union([
  receipt('spooled', 'The event is on the local disk of the process that answered', {
    priority: PrioritySchema, receivedAt: Type.Optional(Time('When the API took the event'))
  }),
  receipt('waiting', 'The event is in the queue', {
    priority: PrioritySchema, ...QUEUED, estimatedStartAt
  }),
  receipt('active', 'A worker processes the event', {
    priority: PrioritySchema, ...QUEUED, startedAt: Type.Optional(startedAt)
  }),
  receipt('retrying', 'The event waits for its next attempt', {
    priority: PrioritySchema, ...QUEUED, nextAttemptAt: Time('The earliest time of the next attempt'), estimatedStartAt
  }),
  receipt('done', 'The event is processed', {
    priority: PrioritySchema,
    enqueuedAt: Type.Optional(enqueuedAt),
    startedAt: Type.Optional(startedAt),
    finishedAt: Time('When its batch ended')
  }),
  receipt('dead-letter', 'The event could not be processed; a replay makes it wait again', {
    priority: PrioritySchema,
    type: Type.Optional(Type.String()),
    attempt: Type.Optional(attempt),
    enqueuedAt: Type.Optional(enqueuedAt),
    diedAt: Time('When the event became a dead letter'),
    deletedAt: Type.Optional(Time('When an operator deleted the dead letter')),
    reason: Type.Optional(Type.String({ description: 'Absent if the dead letter no longer exists' })),
    deadLetterId: Type.Optional(Type.String({ description: 'The dead letter, where operators find the error' }))
  }),
  receipt('expired', 'A worker took the event after its deadline, so it was not delivered', {
    priority: PrioritySchema,
    enqueuedAt: Type.Optional(enqueuedAt),
    expiredAt: Time('When its batch ended')
  }),
  UnknownReceiptSchema
])

export type Receipt = Static<typeof ReceiptSchema>

/** Most characters of an id in a lookup; no event has a longer id. */
export const MOST_ID_CHARACTERS = 256
