import t from 'tap'
import { InTransit } from '../../../services/admission/in-transit.ts'

t.test('an event is in transit until a reading was asked for after it went out', async (t) => {
  const transit = new InTransit()
  transit.noteAdmitted(3)
  t.equal(transit.count, 3)
  transit.beginReading()
  t.equal(transit.count, 3, 'a reading that was asked for before')
  transit.noteSent(3)
  t.equal(transit.count, 3)
  transit.beginReading()
  t.equal(transit.count, 0)
})

t.test('a write is noted when it goes out, and when it never does', async (t) => {
  const transit = new InTransit()
  transit.noteAdmitted(5)
  t.equal(await transit.whileSending(2, async (onSent) => {
    onSent()
    transit.beginReading()
    t.equal(transit.count, 3)
    onSent()
    return 'written'
  }), 'written')
  await t.rejects(transit.whileSending(3, async () => { throw new Error('no connection') }), { message: 'no connection' })
  transit.beginReading()
  t.equal(transit.count, 0, 'each once')
})
