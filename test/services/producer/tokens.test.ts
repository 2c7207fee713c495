import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { KeySet } from '../../../services/producer/key-set.ts'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { Tokens } from '../../../services/producer/tokens.ts'
import { MOST_WAITING } from '../../../services/producer/verification-places.ts'
import { AUDIENCE, CLAIMS, ISSUER, startProvider } from '../../../rig/identity-provider.ts'

const NAMES = {
  organizationId: 'organization', scopes: 'scope', bestPriority: 'spillway_best_priority', types: 'spillway_types'
}
const SECONDS = Math.floor(Date.now() / 1_000)

async function setUp (t: Test) {
  const provider = await startProvider(t)
  const clock = { offsetMs: 0, elapsedMs: 0 }
  const now = () => Date.now() + clock.offsetMs
  const keySet = new KeySet({
    url: provider.url, outbound: new Outbound(), refreshMs: 86_400_000, now, elapsed: () => clock.elapsedMs,
    onRead: () => {}, onFailed: (error) => { throw error }
  })
  t.teardown(() => keySet.close())
  await keySet.refresh()
  const all = new Tokens({ keySet, issuer: ISSUER, audience: AUDIENCE, claims: NAMES, bestPriority: 3, now })
  const tokens = {
    find: all.find.bind(all), verify: (text: string, address = '192.0.2.1') => all.verify(text, address)
  }
  /** Reads the key set again, as after the cool-down. */
  const reread = async () => {
    clock.elapsedMs += 60_000
    await keySet.refresh()
  }
  return { provider, clock, now, keySet, tokens, reread }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('a token gives the producer of its claims, with each asymmetric algorithm', async (t) => {
  const { provider, tokens, reread } = await setUp(t)
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
  for (const alg of algorithms) await provider.addKey(alg, alg)
  await reread()
  for (const kid of algorithms) {
    t.match(await tokens.verify(await provider.sign(CLAIMS, { kid })), {
      id: 'jwt:sensor-1',
      name: 'jwt:sensor-1',
      issuer: ISSUER,
      organizationId: 'acme',
      scopes: new Set(['ingest']),
      isKey: true,
      bestPriority: 3,
      types: undefined,
      stamp: { organizationId: 'acme', ceiling: 3 }
    }, kid)
  }
  const full = { ...CLAIMS, aud: ['other', AUDIENCE], scope: ['admin', 'ingest', 'email'], spillway_best_priority: 5, spillway_types: ['order'] }
  t.match(await tokens.verify(await provider.sign(full)), {
    scopes: new Set(['ingest', 'admin', 'read']), bestPriority: 5, types: new Set(['order'])
  })
  t.match(await tokens.verify(await provider.sign({ scope: 'read' })), { organizationId: undefined, stamp: undefined })
  t.match(await tokens.verify(await provider.sign({ scope: 'openid ingestion Ingest' })), { scopes: new Set() })
  t.match(await tokens.verify(await provider.sign({ ...CLAIMS, nbf: SECONDS + 3 })), { id: 'jwt:sensor-1' }, 'a fast clock')
})

t.test('a wrong token is refused', async (t) => {
  const { provider, tokens, now, reread } = await setUp(t)
  const rsa = await provider.addKey('rsa', 'RS256')
  await reread()
  const foreign = await startProvider(t)
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'a', exp: SECONDS + 3_600, ...CLAIMS }
  const good = await provider.sign(usual, { kid: 'key-1' })
  const [head = '', body = '', signature = ''] = good.split('.')
  const withSecret = (secret: string, kid: string) => {
    const signed = `${part({ alg: 'HS256', kid })}.${part(usual)}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const cases: [claim: string, token: string, outcome?: string][] = [
    ['algorithm none', `${part({ alg: 'none' })}.${body}.`],
    ['algorithm none and a signature', `${part({ alg: 'none', kid: 'key-1' })}.${body}.${signature}`],
    ['another spelling of none', `${part({ alg: 'NONE', kid: 'key-1' })}.${body}.${signature}`],
    ['the public key as secret, PEM', withSecret(rsa.pem, 'rsa')],
    ['the public key as secret, JWK', withSecret(JSON.stringify(rsa.jwk), 'rsa')],
    ['the algorithm of another kind of key', `${part({ alg: 'RS256', kid: 'key-1' })}.${body}.${signature}`],
    ['another algorithm of the same key', `${part({ alg: 'ES384', kid: 'key-1' })}.${body}.${signature}`],
    ['no algorithm', `${part({ kid: 'key-1' })}.${body}.${signature}`],
    ['a key of another provider', await foreign.sign(usual)],
    ['a key in the header', await foreign.sign(usual, { jwk: foreign.keys.get('key-1')!.jwk })],
    ['the address of a key in the header', await foreign.sign(usual, { jku: foreign.url })],
    ['an id of a key that is no text', `${part({ alg: 'ES256', kid: ['key-1'] })}.${body}.${signature}`],
    ['an extension that must be understood', `${part({ alg: 'ES256', kid: 'key-1', crit: ['x'], x: 1 })}.${body}.${signature}`],
    ['another issuer', await provider.sign({ ...usual, iss: `${ISSUER}/` })],
    ['issuers in an array', await provider.sign({ ...usual, iss: [ISSUER] as never })],
    ['another audience', await provider.sign({ ...usual, aud: 'spillway-2' })],
    ['no audience', await provider.sign({ ...usual, aud: undefined })],
    ['no end', await provider.sign({ ...usual, exp: undefined })],
    ['an end that is a text', await provider.sign({ ...usual, exp: String(SECONDS + 60) as never })],
    ['no subject', await provider.sign({ ...usual, sub: undefined })],
    ['a beginning in the future', await provider.sign({ ...usual, nbf: SECONDS + 600 })],
    ['a beginning that is a text', await provider.sign({ ...usual, nbf: 'now' as never })],
    ['an end that has passed', await provider.sign({ ...usual, exp: SECONDS - 60 }), 'expired'],
    ['an end within the tolerance', await provider.sign({ ...usual, exp: Math.floor(now() / 1_000) - 1 }), 'expired'],
    ['more characters than the limit', await provider.sign({ ...usual, more: 'x'.repeat(8_192) })],
    ['two parts', `${head}.${body}`],
    ['four parts', `${good}.${signature}`],
    ['five parts, as if encrypted', `${good}.${body}.${signature}`],
    ['no signature', `${head}.${body}.`],
    ['half a signature', `${head}.${body}.${signature.slice(0, 43)}`],
    ['space around it', ` ${good}`],
    ['a line break', `${good}\n`],
    ['padding', `${good}==`],
    ['a header that is no JSON', `${Buffer.from('{"alg":').toString('base64url')}.${body}.${signature}`],
    ['a header that is no object', `${part(['ES256'])}.${body}.${signature}`],
    ['a swapped payload', `${head}.${part({ ...usual, sub: 'b' })}.${signature}`]
  ]
  for (const [claim, token, outcome = 'wrong'] of cases) {
    t.equal(await tokens.verify(token), outcome, claim)
    t.equal(tokens.find(token, now()), undefined, `${claim}: it is not remembered`)
  }
  t.match(await tokens.verify(good), { id: 'jwt:a' }, 'the good one is good')
})

t.test('a claim that gives no usable right is named', async (t) => {
  const { provider, tokens } = await setUp(t)
  const cases: [claims: object, field: string][] = [
    [{ organization: undefined }, 'organization'],
    [{ organization: ['acme', 'other'] }, 'organization'],
    [{ organization: '' }, 'organization'],
    [{ organization: null }, 'organization'],
    [{ organization: 'x'.repeat(257) }, 'organization'],
    [{ organization: '\ud800' }, 'organization'],
    [{ scope: 1 }, 'scope'],
    [{ scope: { ingest: true } }, 'scope'],
    [{ scope: ['ingest', 1] }, 'scope.1'],
    [{ spillway_best_priority: 0 }, 'spillway_best_priority'],
    [{ spillway_best_priority: 11 }, 'spillway_best_priority'],
    [{ spillway_best_priority: 1.5 }, 'spillway_best_priority'],
    [{ spillway_best_priority: '5' }, 'spillway_best_priority'],
    [{ spillway_best_priority: null }, 'spillway_best_priority'],
    [{ spillway_types: 'order' }, 'spillway_types'],
    [{ spillway_types: [] }, 'spillway_types'],
    [{ spillway_types: ['order', 'order'] }, 'spillway_types'],
    [{ spillway_types: ['order', ['a']] }, 'spillway_types.1'],
    [{ sub: '' }, 'sub'],
    [{ sub: 'x'.repeat(257) }, 'sub'],
    [{ sub: 7 }, 'sub']
  ]
  for (const [claims, field] of cases) {
    const outcome = await tokens.verify(await provider.sign({ ...CLAIMS, ...claims }))
    t.match(outcome, { unfit: [{ field, message: /^Expected/ }] }, JSON.stringify(claims))
  }
})

t.test('a verified token is remembered until it ends, and as long as the key set has its key', async (t) => {
  const { provider, clock, now, tokens, reread } = await setUp(t)
  await provider.addKey('key-2')
  await reread()
  const [one, two] = [await provider.sign(CLAIMS, { kid: 'key-1' }), await provider.sign(CLAIMS, { kid: 'key-2' })]
  t.equal(tokens.find(one, now()), undefined)
  const producer = await tokens.verify(one)
  await tokens.verify(two)
  t.equal(tokens.find(one, now()), producer)
  provider.removeKey('key-1')
  await reread()
  t.equal(tokens.find(one, now()), undefined, 'the set lost its key')
  t.equal(await tokens.verify(one), 'wrong')
  t.match(tokens.find(two, now()), { id: 'jwt:sensor-1' }, 'the other key stayed')
  clock.offsetMs = 3_601_000
  t.equal(tokens.find(two, now()), 'expired')
  t.equal(await tokens.verify(two), 'expired')
})

t.test('a key that keeps its id and changes is another key', async (t) => {
  const { provider, now, tokens, reread } = await setUp(t)
  const token = await provider.sign()
  await tokens.verify(token)
  await provider.addKey('key-1')
  await reread()
  t.equal(tokens.find(token, now()), undefined)
  t.equal(await tokens.verify(token), 'wrong')
  t.match(await tokens.verify(await provider.sign()), { id: 'jwt:sensor-1' })
})

t.test('a token without the id of a key means the only key', async (t) => {
  const { provider, tokens, reread } = await setUp(t)
  const nameless = (sub: string) => provider.sign({ ...CLAIMS, sub }, { kid: undefined })
  t.match(await tokens.verify(await nameless('a')), { id: 'jwt:a' })
  await provider.addKey('key-2')
  await reread()
  t.equal(await tokens.verify(await nameless('b')), 'wrong')
})

t.test('requests with the same token share a verification', async (t) => {
  const { provider, tokens } = await setUp(t)
  const token = await provider.sign()
  const outcomes = [tokens.verify(token), tokens.verify(token, '192.0.2.2')]
  t.equal(outcomes[0], outcomes[1])
  t.match(await outcomes[0], { id: 'jwt:sensor-1' })
})

t.test('a flood of wrong signatures from one address keeps no token of another one out', async (t) => {
  const { provider, tokens } = await setUp(t)
  const [good, later] = [await provider.sign({ ...CLAIMS, sub: 'good' }), await provider.sign({ ...CLAIMS, sub: 'later' })]
  const [head = '', , signature = ''] = good.split('.')
  const wrong = Array.from({ length: 2 * MOST_WAITING }, (_, index) => `${head}.${part({ sub: String(index) })}.${signature}`)
  const flood = wrong.map((token) => tokens.verify(token))
  t.ok(flood.filter((outcome) => outcome === 'too-many-verifications').length > MOST_WAITING / 2, 'the waiting is bounded')
  const middle = flood.filter((outcome) => typeof outcome !== 'string')[MOST_WAITING / 2]
  const first = await Promise.race([tokens.verify(good, '192.0.2.2'), middle])
  t.match(first, { id: 'jwt:good' }, 'it has its turn before most of the flood')
  const outcomes = await Promise.all(flood)
  t.strictSame(new Set(outcomes), new Set(['wrong', 'too-many-verifications']))
  t.match(await tokens.verify(later), { id: 'jwt:later' }, 'later there is room again')
})

t.test('no token that was changed in any way is accepted', async (t) => {
  const { provider, tokens, reread } = await setUp(t)
  await provider.addKey('rsa', 'RS256')
  await provider.addKey('ed', 'EdDSA')
  await reread()
  const texts = await Promise.all(['key-1', 'rsa', 'ed'].map((kid) => provider.sign(CLAIMS, { kid })))
  for (const text of texts) t.match(await tokens.verify(text), { id: 'jwt:sensor-1' })
  const isRefused = async (text: string) => typeof await tokens.verify(text) === 'string'
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '
  const mutated = fc.tuple(
    fc.constantFrom(...texts), fc.nat(), fc.constantFrom(...ALPHABET), fc.constantFrom('replace', 'insert', 'delete', 'cut')
  ).map(([text, position, character, change]) => {
    const at = position % text.length
    const after = { replace: at + 1, insert: at, delete: at + 1, cut: text.length }[change] as number
    return [text, text.slice(0, at) + (change === 'cut' || change === 'delete' ? '' : character) + text.slice(after)] as const
  }).filter(([text, changed]) => text !== changed)
  await fc.assert(fc.asyncProperty(mutated, ([, changed]) => isRefused(changed)), { numRuns: 1_000 })
  // Each other last character of a signature, some of which stand for the same bytes.
  for (const text of texts) {
    for (const character of ALPHABET.slice(0, 64)) {
      const changed = text.slice(0, -1) + character
      if (changed !== text) t.ok(await isRefused(changed), `${text.at(-1)} as ${character}`)
    }
  }
})
