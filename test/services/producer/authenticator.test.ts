import t from 'tap'
import fc from 'fast-check'
import { Authenticator, type AuthenticatorOptions } from '../../../services/producer/authenticator.ts'
import { digestOfKey, newKey } from '../../../services/producer/key-text.ts'
import { KnownKeys } from '../../../services/producer/known-keys.ts'
import { ANONYMOUS, type Producer } from '../../../services/producer/producer.ts'
import { makeKey } from './setup.ts'

const TOKEN = 'correct:horse battery'
const ADDRESS = '192.0.2.1'

function setUp (options: Partial<AuthenticatorOptions> = {}) {
  const keys = new KnownKeys()
  const clock = { now: Date.parse('2026-07-01T10:00:00Z') }
  const used: string[] = []
  const authenticator = new Authenticator({
    keys,
    adminToken: undefined,
    mayBeAnonymous: () => true,
    isCurrent: () => true,
    now: () => clock.now,
    onUsed: (id) => used.push(id),
    ...options
  })
  const ask = (headers: Record<string, string>, isForOperators = false, mayBePassword = true) => {
    const outcome = authenticator.authenticate({ headers, ip: ADDRESS }, 'main', isForOperators, mayBePassword)
    return typeof outcome === 'string' ? outcome : (outcome as Producer).id
  }
  return { keys, clock, used, authenticator, ask }
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })

t.test('without any key everybody is the anonymous producer, unless the binding forbids that', async (t) => {
  t.equal(setUp().ask({}), ANONYMOUS.id)
  t.equal(setUp().ask(bearer('whatever')), ANONYMOUS.id)
  t.equal(setUp({ mayBeAnonymous: () => false }).ask({}), 'missing')
})

t.test('ADMIN_TOKEN guards the routes for operators before there is a key', async (t) => {
  const { ask } = setUp({ adminToken: TOKEN })
  t.equal(ask({}), ANONYMOUS.id)
  t.equal(ask({}, true), 'missing')
  for (const headers of [bearer(TOKEN), { authorization: `bearer  ${TOKEN}` }, basic(`operator:${TOKEN}`), basic(`:${TOKEN}`)]) {
    t.equal(ask(headers, true), 'admin-token', headers.authorization)
  }
  for (const text of ['', TOKEN, 'Bearer', `Bearer ${TOKEN} `, `Bearer ${TOKEN}x`, `Token ${TOKEN}`, `Basic ${TOKEN}`]) {
    t.type(ask({ authorization: text }, true), 'string')
    t.not(ask({ authorization: text }, true), 'admin-token', text)
  }
  const beyondAscii = setUp({ adminToken: 'pässwörd pässwörd' })
  t.equal(beyondAscii.ask(bearer(Buffer.from('pässwörd pässwörd').toString('latin1')), true), 'admin-token')
  t.equal(beyondAscii.ask(basic('operator:pässwörd pässwörd'), true), 'admin-token')
})

t.test('a key is accepted as bearer token, in X-API-Key, and as password where the route allows one', async (t) => {
  const { keys, ask, used } = setUp()
  const { key, record: { id }, record } = makeKey()
  keys.adoptFile([record])
  t.equal(ask({}), 'missing')
  t.equal(ask(bearer(key)), id)
  t.equal(ask(bearer(key)), id, 'and again, without a hash')
  t.equal(ask({ 'x-api-key': key }), id)
  t.equal(ask({ 'x-api-key': key, ...basic('proxy:secret') }), id, 'whatever a proxy adds')
  t.equal(ask(basic(`anybody:${key}`)), id)
  t.equal(ask(basic(`anybody:${key}`), false, false), 'wrong')
  t.strictSame(used, [id, id, id, id, id])
})

t.test('a wrong key is refused: another secret, an unknown id, any other text', async (t) => {
  const { keys, ask } = setUp()
  const { record } = makeKey()
  keys.adoptFile([record])
  t.equal(ask(bearer(newKey(record.id).key)), 'wrong')
  t.equal(ask(bearer(newKey().key)), 'wrong')
  fc.assert(fc.property(fc.string(), (text) =>
    ['wrong', 'missing'].includes(ask(bearer(text))) && ['wrong', 'missing'].includes(ask({ 'x-api-key': text }))))
})

t.test('a key that is revoked, rotated or replaced counts no more, although it was verified', async (t) => {
  const { keys, ask, clock } = setUp()
  const { key, record } = makeKey()
  keys.adoptRedis([record])
  t.equal(ask(bearer(key)), record.id)
  const { key: next } = newKey(record.id)
  const untilMs = clock.now + 1_000
  keys.adoptRedis([{ ...record, sha256: digestOfKey(next), former: { sha256: record.sha256, untilMs } }])
  t.equal(ask(bearer(next)), record.id)
  t.equal(ask(bearer(key)), record.id, 'both count until the stated time')
  clock.now = untilMs
  t.equal(ask(bearer(key)), 'expired')
  t.equal(ask(bearer(next)), record.id)
  keys.adoptRedis([makeKey().record])
  t.equal(ask(bearer(next)), 'wrong')
})

t.test('a key expires, also after it was verified', async (t) => {
  const { keys, ask, clock } = setUp()
  const { key, record } = makeKey({ expiresAt: '2026-07-01T10:00:01Z' })
  keys.adoptFile([record])
  t.equal(ask(bearer(key)), record.id)
  clock.now += 1_000
  t.equal(ask(bearer(key)), 'expired')
  keys.adoptFile([record])
  t.equal(ask(bearer(key)), 'expired', 'also if it is verified again')
})

t.test('while Redis is out of reach, known keys work and others are unknowable', async (t) => {
  const { keys, ask } = setUp({ isCurrent: () => false })
  const [one, other] = [makeKey(), makeKey()]
  keys.adoptFile([one.record])
  keys.adoptRedis([other.record])
  t.equal(ask(bearer(one.key)), one.record.id)
  t.equal(ask(bearer(other.key)), other.record.id)
  t.equal(ask(bearer(newKey().key)), 'unknowable')
  t.equal(ask(bearer(newKey(other.record.id).key)), 'unknowable', 'it may be rotated')
  t.equal(ask(bearer(newKey(one.record.id).key)), 'wrong', 'the file is here')
  t.equal(ask(bearer('no key')), 'wrong')
})

t.test('a key that cannot be read still makes keys required', async (t) => {
  const { keys, ask } = setUp()
  keys.adoptRedis([], 1)
  t.equal(ask({}), 'missing')
})

t.test('only a bearer token may be a JWT, and a key and ADMIN_TOKEN come first', async (t) => {
  const asked: string[] = []
  const known = { ...ANONYMOUS, id: 'jwt:known' }
  const tokens = {
    find: (text: string) => text === 'known' ? known : undefined,
    verify: (text: string, address: string) => {
      t.equal(address, ADDRESS)
      asked.push(text)
      return text === 'late' ? Promise.resolve({ ...ANONYMOUS, id: 'jwt:late' }) : 'wrong' as const
    }
  }
  const adminToken = 'head.payload.signature'
  const { keys, ask, authenticator } = setUp({ tokens, adminToken })
  t.equal(ask({}), 'missing', 'a provider counts as a key')
  t.strictSame([authenticator.hasKeys, authenticator.isOpen('main'), authenticator.isSecretNeeded('main')], [true, false, true])
  t.equal(ask(bearer('known')), 'jwt:known')
  t.equal(ask(bearer(adminToken)), 'admin-token')
  const { key, record } = makeKey()
  keys.adoptFile([record])
  t.equal(ask(bearer(key)), record.id)
  t.equal(ask(bearer(newKey().key)), 'wrong')
  for (const headers of [{ 'x-api-key': 'known' }, basic('any:known')]) t.equal(ask(headers), 'wrong')
  t.strictSame(asked, [])
  t.match(await authenticator.authenticate({ headers: bearer('late'), ip: ADDRESS }, 'main', false, true), { id: 'jwt:late' })
  t.equal(ask(bearer('other')), 'wrong')
  t.strictSame(asked, ['late', 'other'])
})
