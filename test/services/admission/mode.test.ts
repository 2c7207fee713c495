import t from 'tap'
import { parseModeOrder } from '../../../routes/api/v1/metrics/backpressure/mode/mode-order.ts'
import { isAdmissionMode } from '../../../services/admission/mode.ts'

t.test('reads an order and names what is wrong with it', async (t) => {
  const table: [body: unknown, fields: string[] | undefined][] = [
    [{ mode: 'true' }, undefined], [{ mode: 'observe' }, undefined], [{ mode: 'false' }, undefined], [{ mode: null }, undefined],
    [undefined, ['mode']], [{}, ['mode']], [{ mode: 'on' }, ['mode']], [{ mode: true }, ['mode']], [{ mode: '' }, ['mode']], [{ mode: ['true'] }, ['mode']],
    [{ mode: 'true', until: 1 }, ['until']], [{ moed: 'true' }, ['mode', 'moed']], [[], ['']], [null, ['']], ['true', ['']]
  ]
  for (const [body, fields] of table) {
    const order = parseModeOrder(body)
    if (order.ok) t.strictSame([order.mode, fields], [(body as { mode: unknown }).mode, undefined], JSON.stringify(body))
    else t.strictSame(order.errors.map(({ field }) => field), fields, String(JSON.stringify(body)))
  }
})

t.test('knows a mode from anything else', async (t) => {
  t.strictSame(['true', 'observe', 'false', true, null, undefined, 'TRUE'].map(isAdmissionMode), [true, true, true, false, false, false, false])
})
