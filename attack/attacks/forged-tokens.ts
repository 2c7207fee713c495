import { eventually } from '../../rig/eventually.ts'
import { startProvider } from '../../rig/identity-provider.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import { LEAVING, RSA, type Issuer } from '../issuer.ts'
import { judgeAnswer } from '../judge.ts'
import { newKey } from '../key-ring.ts'
import { flippedBits, lastCharacters, misplacedTokens, misshapen } from '../requests/damaged-tokens.ts'
import { algorithmForgeries, claimForgeries, foreignTokens, keyForgeries } from '../requests/forged-tokens.ts'
import { bearerField } from '../requests/tampered-keys.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const EVENT = '{"type":"forged","payload":1}'
const POST = 'POST /api/v1/events'
const REQUESTS = [POST, 'GET /api/v1/dead-letters', 'GET /api/v1/keys', 'DELETE /api/v1/dead-letters?all=true']
/** The token is not valid, the field is none of HTTP, the head is too long, or nobody knows the key yet. */
const REFUSED = [400, 401, 431, 503]
/** Below the number of tokens that the service verifies at once. */
const ROWS = 16
const LIFE_SECONDS = 3
const DEADLINE_MS = 30_000
const ATTACKER = { organization: 'attacker-organization', scope: 'ingest' }

type Try = readonly [line: string, form: string, fields: string]

export default {
  description: 'JWTs that are forged, changed, misplaced, over or for others: algorithms, keys in the header, each bit',
  hasKeys: true,
  hasIssuer: true,
  run: async (scene) => {
    const { target, owner, report, note, amount } = scene
    const { provider, critical } = target.issuer as Issuer
    const statusOf = async (token: string) =>
      (await ask(scene, { method: 'POST', path: '/api/v1/events', as: `Bearer ${token}`, body: EVENT })).status
    const isAccepted = async (name: string, token: string) => {
      const status = await statusOf(token)
      if (status !== 202) report('breach', `${status} to ${name}`)
      return token
    }
    // Otherwise nothing is tested: a valid token has its rights, and no others.
    await isAccepted('a valid token', critical)
    const other = await isAccepted('another valid token', await provider.sign({ sub: 'other', ...ATTACKER }))
    const ofRsa = await isAccepted('a token of RSA', await provider.sign({ sub: 'rsa', ...ATTACKER }, { kid: RSA }))
    const { status } = await ask(scene, { path: '/api/v1/dead-letters', as: `Bearer ${critical}` })
    if (status !== 403) report('breach', `${status} to a valid token without the scope`)
    const attacker = await startProvider(owner)
    const forged = [
      ...algorithmForgeries(provider, critical), ...await keyForgeries(attacker), ...await foreignTokens(provider),
      ...claimForgeries(critical), ...misshapen(critical, other)
    ]
    const changed = [critical, ofRsa].flatMap((token) => [
      ...lastCharacters(token), ...flippedBits(token, amount(60, 5_000))
    ])
    const tries: Try[] = [
      ...forged.flatMap(([form, token]) => REQUESTS.map((line): Try => [line, form, bearerField(token)])),
      ...changed.map(([form, token]): Try => [POST, form, bearerField(token)]),
      ...misplacedTokens(critical, newKey().key).map((fields): Try => [POST, fields.slice(0, 30), fields]),
      [`${POST}?access_token=${critical}`, 'a token in the query', '']
    ]
    const statuses = new Map<number, number>()
    await inRows(ROWS, tries, async ([line, form, fields]) => {
      const { answers: [answer], isClosed } = await sendRaw(target.port, request(line, fields), { answers: 1 })
      const example = `${line.slice(0, 60)} with ${form}`
      if (answer === undefined && !isClosed) report('silence', example)
      if (answer === undefined) return
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      if (!REFUSED.includes(answer.status)) report('breach', `${answer.status} to ${example}`)
      for (const { check, what } of judgeAnswer(answer, target.secrets, line)) report(check, what)
    })
    note(`answers: ${[...statuses].map(([answer, count]) => `${answer} ${count}`).join(', ')}`)
    if (attacker.calls.length > 0)
      report('breach', `${attacker.calls.length} requests to an address in the header of a token`)
    const expiry = Math.floor(Date.now() / 1_000) + LIFE_SECONDS
    await ends('a token', await provider.sign({ sub: 'short', ...ATTACKER, exp: expiry }))
    const leaving = await provider.sign({ sub: 'leaving', ...ATTACKER }, { kid: LEAVING })
    await ends('a token of a withdrawn key', leaving, () => provider.removeKey(LEAVING))
    await isAccepted('a valid token after all of them', critical)
    return tries.length

    /** The service remembers a token that it accepted, but not beyond its end. */
    async function ends (name: string, token: string, end = () => {}): Promise<void> {
      await isAccepted(`${name} before its end`, token)
      end()
      await eventually(`${name} ends`, async () => await statusOf(token) === 401, DEADLINE_MS)
        .catch(() => report('breach', `${name} counts after its end`))
    }
  }
} satisfies Attack

function request (line: string, fields: string): string {
  const body = line.startsWith('POST') ? EVENT : ''
  const head = `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`
  return `${head}${fields}Content-Length: ${body.length}\r\n\r\n${body}`
}
