import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { toEventData } from '../../../services/rules/event-data.ts'
import { compileExpression } from '../../../services/rules/expression.ts'

const EVENT: QueuedEvent = {
  id: 'e',
  type: 'x',
  payload: undefined,
  priority: 5,
  receivedAt: '2026-03-01T10:00:00.000Z'
}

t.test('expressions read what was posted and when it came, and nothing that only the queue is concerned with', async (t) => {
  const posted = { payload: { a: 1 }, organizationId: 'acme', occurredAt: '2026-03-01T09:00:00Z' }
  const assigned = { attempt: 2, hops: 1, completedSteps: ['a'], attributes: { source: '/s' }, payloadText: '{"a": 1}' }
  t.strictSame(toEventData({ ...EVENT, ...posted, ...assigned }), { ...EVENT, ...posted })
})

t.test('a field that an event does not have does not exist', async (t) => {
  const exists = (name: string, event: QueuedEvent) =>
    compileExpression({ exists: name }, 'when', () => {})(toEventData(event))
  for (const name of ['organizationId', 'occurredAt', 'payload']) {
    t.equal(exists(name, EVENT), false, name)
    t.equal(exists(name, { ...EVENT, [name]: 'value' }), true, name)
  }
})
