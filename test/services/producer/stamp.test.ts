import t from 'tap'
import fc from 'fast-check'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { stamped, stampOf } from '../../../services/producer/stamp.ts'

t.test('the text of a stamped event holds its organization, its ceiling and all that was posted', async () => {
  fc.assert(fc.property(
    fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 10 }), fc.boolean(), fc.json(), fc.stringMatching(/^\s{0,3}$/),
    (organizationId, ceiling, isNamed, payload, space) => {
      const posted = {
        type: 'x', ...(isNamed && { organizationId }), payload: JSON.parse(payload) as unknown
      }
      const event = { id: '', priority: 5, receivedAt: '', ...posted } as QueuedEvent
      const text = stamped(event, space + JSON.stringify(posted), stampOf(organizationId, ceiling)) as string
      const read = JSON.parse(text) as QueuedEvent
      return event.organizationId === organizationId && event.ceiling === ceiling &&
        JSON.stringify(read.payload) === JSON.stringify(posted.payload) &&
        read.organizationId === organizationId && read.ceiling === ceiling && read.type === 'x'
    }
  ))
})

t.test('an event that is not stored as posted is stamped alone', async (t) => {
  const event: QueuedEvent = { id: '', type: 'x', payload: 1, priority: 5, receivedAt: '' }
  t.equal(stamped(event, undefined, stampOf('acme', 5)), undefined)
  t.match(event, { organizationId: 'acme', ceiling: 5 })
})
