import fc from 'fast-check'
import t from 'tap'
import { textDigest } from '../../../services/event/text-digest.ts'
import { newBatch, placeId } from '../../../services/queue/batch.ts'
import { decodeRemembered, encodeRemembered } from '../../../services/queue/remembered.ts'
import { eventsOf } from './setup.ts'

t.test('what is remembered of an event is read back as it was, whatever its id holds', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', minLength: 1 }),
      (priority, id, type) => {
        const batch = newBatch(priority, eventsOf(2).map((event) => ({ ...event, id, type })))
        const [, event] = batch.events
        const place = placeId(batch.id, 1)
        const read = decodeRemembered(encodeRemembered(place, event!))
        return JSON.stringify(read) === JSON.stringify({ place, id: event!.id, priority, typeDigest: textDigest(type) })
      }
    ))
  )
})
