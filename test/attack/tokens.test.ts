import { decodeJwt, decodeProtectedHeader } from 'jose'
import t from 'tap'
import { signatureOf, startIssuer } from '../../attack/issuer.ts'
import { flippedBits, lastCharacters, misshapen } from '../../attack/requests/damaged-tokens.ts'
import { floods } from '../../attack/requests/flood-tokens.ts'
import { algorithmForgeries, claimForgeries, foreignTokens, keyForgeries } from '../../attack/requests/forged-tokens.ts'
import { startProvider } from '../../rig/identity-provider.ts'

/** Longest token that the service looks into, and longest head of a request. */
const LOOKED_INTO = 8_192
const LONGEST_HEAD = 16_384

t.test('no forged token is the valid one, and each keeps its form', async (t) => {
  const { provider, critical } = await startIssuer(t)
  const attacker = await startProvider(t)
  const damaged = [...lastCharacters(critical), ...flippedBits(critical, 5_000), ...misshapen(critical, 'a.b.c')]
  t.equal(lastCharacters(critical).length, 63)
  t.equal(new Set(flippedBits(critical, 5_000).map(([, token]) => token)).size > critical.length * 5, true)
  for (const [form, token] of [...damaged, ...claimForgeries(critical), ...algorithmForgeries(provider, critical)])
    t.not(token, critical, form)
  for (const [form, token] of [...await keyForgeries(attacker), ...await foreignTokens(provider)])
    t.match(decodeProtectedHeader(token), { alg: 'ES256' }, form)
  t.match(decodeProtectedHeader(new Map(await keyForgeries(attacker)).get('jku')!), { jku: attacker.url, kid: 'key-1' })
  t.equal(critical.endsWith(`.${signatureOf(critical)}`), true)
})

t.test('each token of a flood is another one, as long as the name of the flood says', async (t) => {
  const lengths = Object.fromEntries(floods().map(([name, next]) => {
    const [one, other] = [next(), next()]
    t.not(one, other, name)
    t.match(decodeJwt(one), { sub: 'critical' }, name)
    return [name, one.length]
  }))
  const [long = 0, beyond = 0] = [lengths['long tokens'], lengths['tokens beyond the limit']]
  t.ok(long > LOOKED_INTO - 1_000 && long <= LOOKED_INTO, String(long))
  t.ok(beyond > LOOKED_INTO && beyond < LONGEST_HEAD - 1_000, String(beyond))
})
