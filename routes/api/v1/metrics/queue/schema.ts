import { QueueAnswerSchema } from '../../../../../services/status/queue-answer.ts'

export const queueSchema = {
  tags: ['metrics'],
  operationId: 'getQueue',
  summary: 'Get the queue, its workers and the circuit',
  description:
    'Answers from the last reading, without Redis. While the queue cannot be read, `health` is unknown, `isKnown` is ' +
    'false, the figures of the queue are null, and `lastKnown` has the last figures with their time.',
  response: {
    200: QueueAnswerSchema
  }
}
