import t from 'tap'
import { StreamSlots } from '../../../services/admission/stream-slots.ts'

t.test('keeps a quarter for critical streams, and gives slots out again', async (t) => {
  const slots = new StreamSlots(8)
  const taken = (isCritical: boolean) => Array.from({ length: 10 }, () => slots.take(isCritical)).filter(Boolean).length
  t.equal(taken(false), 6)
  t.equal(taken(true), 2)
  t.equal(slots.open, 8)
  slots.give()
  t.equal(slots.take(false), false)
  t.equal(slots.take(true), true)
  for (let open = slots.open; open > 0; open--) slots.give()
  t.equal(taken(true), 8, 'critical ones may take all')
})

t.test('a limit of one is one for everybody', async (t) => {
  for (const isCritical of [false, true]) t.equal(new StreamSlots(1).take(isCritical), true)
})
