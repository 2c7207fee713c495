import t, { type Test } from 'tap'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { COOL_DOWN_MS, KeySet, type KeySetOptions } from '../../../services/producer/key-set.ts'
import { Tokens } from '../../../services/producer/tokens.ts'
import { eventually } from '../../../rig/eventually.ts'
import { freePort } from '../../../rig/free-port.ts'
import { AUDIENCE, CLAIMS, ISSUER, startProvider, type Provider } from '../../../rig/identity-provider.ts'

const ADDRESS = '192.0.2.1'
const DAY_MS = 86_400_000
const CLAIM_NAMES = { organizationId: 'organization', scopes: 'scope', bestPriority: 'ceiling', types: 'types' }

function setUp (t: Test, url: string, options: Partial<KeySetOptions> = {}) {
  const clock = { elapsedMs: 0 }
  const events: string[] = []
  const keySet = new KeySet({
    url, outbound: new Outbound(), refreshMs: DAY_MS, now: Date.now, elapsed: () => clock.elapsedMs,
    onRead: (keys) => events.push(`read ${keys}`), onFailed: ({ message }) => events.push(message), ...options
  })
  t.teardown(() => keySet.close())
  const tokens = new Tokens({
    keySet, issuer: ISSUER, audience: AUDIENCE, claims: CLAIM_NAMES, bestPriority: 1, now: Date.now
  })
  const reread = async () => {
    clock.elapsedMs += COOL_DOWN_MS
    await keySet.refresh()
  }
  return { clock, events, keySet, tokens, reread }
}

t.test('a flood of unknown keys causes one reading per cool-down', async (t) => {
  const provider = await startProvider(t)
  const { clock, keySet, tokens } = setUp(t, provider.url)
  await keySet.refresh()
  const flood = () => Promise.all(Array.from({ length: 300 }, async (_, index) =>
    tokens.verify(await provider.sign(CLAIMS).then((token) => withKid(token, `made-up-${index}`)), ADDRESS)))
  t.ok((await flood()).every((outcome) => outcome === 'wrong' || outcome === 'unverifiable'))
  await keySet.refresh()
  t.equal(provider.calls.length, 1, 'within the cool-down there is none')
  for (const readings of [2, 3, 4]) {
    clock.elapsedMs += COOL_DOWN_MS
    await flood()
    await keySet.refresh()
    t.equal(provider.calls.length, readings)
  }
})

t.test('a token with a key that is not known is refused only once the set was read after its issue', async (t) => {
  const provider = await startProvider(t)
  const { clock, keySet, tokens, reread } = setUp(t, provider.url)
  t.equal(await tokens.verify(await provider.sign(), ADDRESS), 'unverifiable', 'before the first reading')
  await keySet.refresh()
  const iat = Math.ceil(Date.now() / 1_000) + 1
  await provider.addKey('key-2')
  const younger = await provider.sign({ ...CLAIMS, iat }, { kid: 'key-2' })
  t.equal(await tokens.verify(younger, ADDRESS), 'unverifiable', 'its key is younger than the reading')
  t.equal(await tokens.verify(withKid(younger, 'made-up'), ADDRESS), 'unverifiable')
  t.equal(await tokens.verify(withKid(await provider.sign({ ...CLAIMS, iat: 1 }), 'made-up'), ADDRESS), 'wrong')
  t.equal(await tokens.verify(withKid(await provider.sign({ ...CLAIMS, iat: undefined }), 'made-up'), ADDRESS), 'wrong')
  await reread()
  t.match(await tokens.verify(younger, ADDRESS), { id: 'jwt:sensor-1' })
  clock.elapsedMs += COOL_DOWN_MS
  t.equal(tokens.verify(withKid(await provider.sign({ ...CLAIMS, iat: 1 }), 'made-up'), ADDRESS), 'unverifiable', 'a reading goes on')
})

t.test('the known keys stay while the provider is away, and nothing is known before the first reading', async (t) => {
  const port = await freePort()
  const { events, keySet, tokens, reread } = setUp(t, `http://127.0.0.1:${port}/jwks.json`)
  await keySet.refresh()
  t.strictSame([keySet.isAway, keySet.readAtMs, keySet.ageSeconds, keySet.size], [true, undefined, undefined, 0])
  const provider = await startProvider(t, port)
  const token = await provider.sign()
  t.equal(await tokens.verify(token, ADDRESS), 'unverifiable')
  await reread()
  t.match(await tokens.verify(token, ADDRESS), { id: 'jwt:sensor-1' })
  provider.answer = () => ({ status: 500, body: '' })
  await reread()
  t.equal(keySet.isAway, true)
  t.match(tokens.find(token, Date.now()), { id: 'jwt:sensor-1' }, 'a known token')
  t.match(await tokens.verify(await provider.sign({ ...CLAIMS, sub: 'b' }), ADDRESS), { id: 'jwt:b' }, 'a new one')
  t.strictSame(events, ['ECONNREFUSED', 'read 1', 'the provider answered 500'])
})

t.test('an answer that is no key set leaves the known keys', async (t) => {
  const provider = await startProvider(t)
  const { events, keySet, tokens, reread } = setUp(t, provider.url)
  await keySet.refresh()
  const { jwk } = provider.keys.get('key-1')!
  const target = await startProvider(t)
  const answers: [message: RegExp, answer: ReturnType<Provider['answer']>][] = [
    [/no JSON Web Key Set/, { body: 'not JSON' }],
    [/no JSON Web Key Set/, { body: 'null' }],
    [/no JSON Web Key Set/, { body: '{"keys":{}}' }],
    [/no JSON Web Key Set/, { body: JSON.stringify([jwk]) }],
    [/101 keys/, { body: JSON.stringify({ keys: Array.from({ length: 101 }, () => jwk) }) }],
    [/more than/, { body: `{"keys":[]${' '.repeat(1_048_576)}}` }],
    [/answered 404/, { status: 404, body: '{"keys":[]}' }],
    [/answered 302/, { status: 302, headers: { location: target.url }, body: '' }]
  ]
  for (const [message, answer] of answers) {
    provider.answer = () => answer
    await reread()
    t.match(events.at(-1), message)
    t.equal(keySet.size, 1)
  }
  t.equal(target.calls.length, 0, 'a redirect is not followed')
  t.match(await tokens.verify(await provider.sign(), ADDRESS), { id: 'jwt:sensor-1' })
})

t.test('only public keys for signatures count, and a set without any ends all tokens', async (t) => {
  const provider = await startProvider(t)
  const { keySet, tokens, reread } = setUp(t, provider.url)
  await keySet.refresh()
  const { jwk } = provider.keys.get('key-1')!
  const token = await provider.sign()
  await tokens.verify(token, ADDRESS)
  const others = [{ ...jwk, use: 'enc' }, { ...jwk, d: 'AA' }, { ...jwk, kid: 7 }, { kty: 'oct', k: 'c2VjcmV0', kid: 'key-1' }, 'key', null]
  provider.answer = () => ({ body: JSON.stringify({ keys: others }) })
  await reread()
  t.equal(keySet.size, 0)
  t.equal(tokens.find(token, Date.now()), undefined)
})

t.test('the same keys in another order of their members are the same keys', async (t) => {
  const provider = await startProvider(t)
  const { keySet, tokens, reread } = setUp(t, provider.url)
  await keySet.refresh()
  const token = await provider.sign()
  await tokens.verify(token, ADDRESS)
  const { jwk } = provider.keys.get('key-1')!
  provider.answer = () => ({ body: JSON.stringify({ keys: [Object.fromEntries(Object.entries(jwk).toReversed())] }) })
  await reread()
  t.match(tokens.find(token, Date.now()), { id: 'jwt:sensor-1' })
})

t.test('the set is read where deliveries may connect only', async (t) => {
  const provider = await startProvider(t)
  const { events, keySet } = setUp(t, provider.url, { outbound: new Outbound({ networks: 'public' }) })
  await keySet.refresh()
  t.match(events, [/not in OUTBOUND_NETWORKS/])
  t.equal(provider.calls.length, 0)
})

t.test('it is read again at its interval, until it is closed', async (t) => {
  const provider = await startProvider(t)
  const { events, keySet } = setUp(t, provider.url, { refreshMs: 1 })
  await keySet.refresh()
  await eventually('it is read four times', () => provider.calls.length >= 4)
  await keySet.close()
  const { length } = provider.calls
  await keySet.refresh()
  t.equal(provider.calls.length, length)
  t.strictSame(events, ['read 1'], 'only the first reading is news')
})

/** The token with another id of its key; its signature no longer fits. */
function withKid (token: string, kid: string): string {
  const [, ...rest] = token.split('.')
  return [Buffer.from(JSON.stringify({ alg: 'ES256', kid })).toString('base64url'), ...rest].join('.')
}
