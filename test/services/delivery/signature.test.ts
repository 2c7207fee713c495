import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { createSigner, messageIdOf } from '../../../services/delivery/signature.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

function event (fields: Partial<QueuedEvent> = {}): QueuedEvent {
  return { id: 'e1', type: 'x', payload: null, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', ...fields }
}

t.test('signs so that the library of the scheme verifies it', async () => {
  const sign = createSigner(SECRET)
  fc.assert(fc.property(fc.json(), (body) => {
    new Webhook(SECRET).verify(body, sign('msg_1', new Date(), body))
  }))
})

t.test('signs as the library of the scheme does, with any secret that it takes and any body', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 })
  fc.assert(fc.property(
    bytes,
    fc.constantFrom('', 'whsec_'),
    fc.string({ unit: 'binary' }),
    fc.date({ min: new Date(0), noInvalidDate: true }),
    (key, prefix, body, at) => {
      const secret = prefix + Buffer.from(key).toString('base64')
      return createSigner(secret)('msg_1', at, body)['webhook-signature'] ===
        new Webhook(secret).sign('msg_1', at, body)
    }
  ))
})

t.test('dates the signature in seconds', async (t) => {
  const headers = createSigner(SECRET)('msg_1', new Date(1_700_000_000_999), '[]')
  t.match(headers, { 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000', 'webhook-signature': /^v1,/ })
})

t.test('takes a secret with and without its prefix', async (t) => {
  const at = new Date(0)
  t.strictSame(createSigner(SECRET)('m', at, 'x'), createSigner(SECRET.slice('whsec_'.length))('m', at, 'x'))
})

t.test('refuses a secret it cannot use, without showing it', async (t) => {
  for (const secret of ['correct horse battery staple', 'whsec_***************', 'abcdefgh-_ijklmn', 'whsec_']) {
    try {
      createSigner(secret)
      t.fail(secret)
    } catch (error) {
      const { code, message, stack, cause } = error as Error & { code: string }
      t.equal(code, 'DELIVERY_SECRET_INVALID')
      t.match(message, /^DELIVERY_SECRET /)
      t.equal(cause, undefined)
      if (secret !== 'whsec_') t.notOk(stack?.includes(secret))
    }
  }
})

t.test('gives a batch the same id until an event of it, or its attempt, is another', async (t) => {
  const id = messageIdOf([event(), event({ id: 'e2' })])
  t.match(id, /^msg_[0-9a-f]{32}$/)
  t.equal(messageIdOf([event({ attempt: 1 }), event({ id: 'e2', payload: 'ignored' })]), id)
  const others = [[event()], [event({ attempt: 2 }), event({ id: 'e2' })], [
    event({ organizationId: 'acme' }),
    event({ id: 'e2' })
  ], [event({ id: 'e3' }), event({ id: 'e2' })]]
  t.equal(new Set([id, ...others.map(messageIdOf)]).size, 5)
})
