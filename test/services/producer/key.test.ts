import t from 'tap'
import { decodeKeyOrder, decodeKeyRecord, producerOf } from '../../../services/producer/key.ts'
import { makeKey } from './setup.ts'

const ORDER = { organizationId: 'acme', name: 'sensors', scopes: ['ingest'] }

/** The fields that an order names wrongly. */
function wrongFields (order: object): string[] {
  const decoded = decodeKeyOrder(order)
  return decoded.ok ? [] : decoded.errors.map(({ field }) => field)
}

t.test('an order names every wrong field', async (t) => {
  t.strictSame(wrongFields(ORDER), [])
  t.strictSame(wrongFields({ ...ORDER, bestPriority: 5, types: ['a'], expiresAt: '2030-01-01T00:00:00Z' }), [])
  t.strictSame(wrongFields({ ...ORDER, scopes: ['post'], bestPriority: 0, name: '' }), ['name', 'scopes.0', 'bestPriority'])
  t.strictSame(wrongFields({ ...ORDER, scopes: [] }), ['scopes'])
  t.strictSame(wrongFields({ ...ORDER, scopes: ['read', 'read'] }), ['scopes'])
  t.strictSame(wrongFields({ ...ORDER, types: [] }), ['types'])
  t.strictSame(wrongFields({ ...ORDER, expiresAt: 'tomorrow' }), ['expiresAt'])
  t.strictSame(wrongFields({ ...ORDER, prioriti: 1 }), ['prioriti'])
  t.strictSame(wrongFields({ ...ORDER, organizationId: '\uD800' }), ['organizationId'])
})

t.test('only a key that posts nothing may have no organization', async (t) => {
  t.strictSame(wrongFields({ name: 'sensors', scopes: ['ingest', 'read'] }), ['organizationId'])
  t.strictSame(wrongFields({ name: 'operator', scopes: ['read', 'admin'] }), [])
})

t.test('a record holds no secret, only its digest', async (t) => {
  const { record } = makeKey()
  t.ok(decodeKeyRecord(record).ok)
  t.notOk(decodeKeyRecord({ ...record, sha256: 'short' }).ok)
  t.notOk(decodeKeyRecord({ ...record, key: 'secret' }).ok)
})

t.test('a producer has the rights of its key, and an operator may also look', async (t) => {
  const { record } = makeKey({ bestPriority: 5, types: ['a', 'b'] })
  t.match(producerOf(record), { id: record.id, organizationId: 'acme', bestPriority: 5, types: new Set(['a', 'b']) })
  t.strictSame([...producerOf(makeKey({ scopes: ['admin'] }).record).scopes], ['admin', 'read'])
  t.match(producerOf(makeKey().record), { bestPriority: 1, types: undefined })
})
