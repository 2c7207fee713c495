import t from 'tap'
import { InTransit } from '../../../services/admission/in-transit.ts'

t.test('an event is in transit until a reading was asked for after it went out', async (t) => {
  const transit = new InTransit()
  transit.recordAdmitted(3)
  t.equal(transit.count, 3)
  transit.beginReading()
  t.equal(transit.count, 3, 'a reading that was asked for before')
  transit.recordSent(3)
  t.equal(transit.count, 3)
  transit.beginReading()
  t.equal(transit.count, 0)
})

t.test('bytes go with their events', async (t) => {
  const transit = new InTransit()
  transit.recordAdmitted(2, 0.3)
  transit.recordAdmitted(1, 1_000)
  t.equal(transit.bytes, 1_000.3)
  transit.recordSent(1, 1_000)
  transit.beginReading()
  t.ok(Math.abs(transit.bytes - 0.3) < 1e-9)
  await transit.whileSending(2, 0.3, async (onSent) => { onSent() })
  transit.beginReading()
  t.ok(transit.bytes >= 0 && transit.bytes < 1e-9)
})

t.test('a write is noted when it goes out, and when it never does', async (t) => {
  const transit = new InTransit()
  transit.recordAdmitted(5)
  t.equal(
    await transit.whileSending(2, 20, async (onSent) => {
      onSent()
      transit.beginReading()
      t.equal(transit.count, 3)
      onSent()
      return 'written'
    }),
    'written'
  )
  await t.rejects(
    transit.whileSending(3, 30, async () => {
      throw new Error('no connection')
    }),
    { message: 'no connection' }
  )
  transit.beginReading()
  t.equal(transit.count, 0, 'each once')
})
