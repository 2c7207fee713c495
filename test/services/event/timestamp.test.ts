import fc from 'fast-check'
import t from 'tap'
import { timestamp } from '../../../services/event/timestamp.ts'

t.test('is the time in RFC 3339, however often it is asked for', async (t) => {
  t.equal(timestamp(1_782_892_800_000), '2026-07-01T08:00:00.000Z')
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      fc.array(fc.constantFrom(0, 1, 1_782_892_800_000, 1_782_892_800_001)),
      (times) => times.every((ms) => timestamp(ms) === new Date(ms).toISOString())
    ))
  )
})
