import { Type } from '@sinclair/typebox'
import t from 'tap'
import { decoder, queryDecoder } from '../../../services/schema/decode.ts'
import { oneOf } from '../../../services/schema/one-of.ts'

const strict = { additionalProperties: false }
const OrderSchema = Type.Object({
  mode: Type.Union([...oneOf(['on', 'off']).anyOf, Type.Null()]),
  at: Type.Optional(Type.String({ format: 'date-time' })),
  filter: Type.Optional(Type.Object({ type: Type.Optional(Type.String({ minLength: 1, maxLength: 3 })) }, strict))
}, strict)
const decodeOrder = decoder(OrderSchema)
const decodeQuery = queryDecoder(Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), type: Type.Optional(Type.String())
}, strict))

const fieldsOf = (decoded: ReturnType<typeof decodeOrder | typeof decodeQuery>) =>
  decoded.ok ? [] : decoded.errors.map(({ field }) => field)

t.test('takes what the schema accepts, as it came', async (t) => {
  for (
    const order of [{ mode: 'on' }, { mode: null, at: '2026-03-01T10:00:00Z' }, {
      mode: 'off',
      filter: { type: 'ä😀' }
    }]
  ) {
    t.strictSame(decodeOrder(order), { ok: true, value: order })
  }
})

t.test('names every wrong field, and what is not known is wrong', async (t) => {
  const table: [order: unknown, fields: string[]][] = [
    [undefined, ['']],
    [null, ['']],
    [[], ['']],
    ['on', ['']],
    [{}, ['mode']],
    [{ mode: 'onn' }, ['mode']],
    [{ mode: ['on'] }, ['mode']],
    [{ mode: 'on', until: 1 }, ['until']],
    [{ moed: 'on' }, ['mode', 'moed']],
    [{ mode: 'on', filter: { type: '' } }, ['filter.type']],
    [{ mode: 'on', filter: { type: 'long', kind: 1 } }, ['filter.kind', 'filter.type']],
    [{ mode: 'on', at: '2026-03-01' }, ['at']],
    [{ mode: 'on', filter: { type: '\ud800' } }, ['filter.type']]
  ]
  for (const [order, fields] of table)
    t.strictSame(fieldsOf(decodeOrder(order)).toSorted(), fields, JSON.stringify(order))
})

t.test('says which values a field may have', async (t) => {
  t.match(decodeOrder({ mode: 'onn', at: 'now' }), {
    errors: [{ field: 'mode', message: 'Expected one of on, off, null' }, { field: 'at', message: /RFC 3339, such as/ }]
  })
})

t.test('names what a record does not allow', async (t) => {
  const decodeRecord = decoder(Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Integer(), strict))
  t.match(decodeRecord({ a: 1, 'B\n': 2 }), { ok: false, errors: [{ field: 'B\n', message: 'Unexpected property' }] })
})

t.test('integers of a query are digits, and nothing else is converted', async (t) => {
  t.strictSame(decodeQuery({ limit: '20', type: '7' }), { ok: true, value: { limit: 20, type: '7' } })
  for (const limit of ['0', '101', '1e1', '0x10', ' 8 ', '1.5', '-1', '', ['1', '2']]) {
    t.strictSame(fieldsOf(decodeQuery({ limit })), ['limit'], JSON.stringify(limit))
  }
  t.strictSame(fieldsOf(decodeQuery({ type: 'a', limti: '1' })), ['limti'])
})
