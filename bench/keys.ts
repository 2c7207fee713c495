/*
 * Prints the cost of a key for a request, in nanoseconds: without any key in the service, with a verified key, a wrong
 * one, a JWT that was verified before, texts that only resemble one, and the stamp of an event with a posted text. Then
 * the verification of new JWTs, with a right signature and with a wrong one. npm run bench:keys
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { QueuedEvent } from '../services/event/event.ts'
import { Authenticator } from '../services/producer/authenticator.ts'
import { digestOfKey, newKey } from '../services/producer/key-text.ts'
import { KnownKeys } from '../services/producer/known-keys.ts'
import { SigningKeys } from '../services/producer/signing-keys.ts'
import { stamped, stampOf } from '../services/producer/stamp.ts'
import { Tokens } from '../services/producer/tokens.ts'
import { quantiles, timeGroups } from './decision/timing.ts'

const GROUPS = 20_000
const GROUP_SIZE = 32
const KEYS = 1_000
/** New JWTs that are verified at once. */
const AT_ONCE = 64

const made = Array.from({ length: KEYS }, () => newKey())
const keys = new KnownKeys()
const issuer = 'https://provider.example'
const signingKeys = new SigningKeys()
const tokens = new Tokens({
  keySet: { readAtMs: Date.now(), isReading: false, find: (id) => signingKeys.find(id), refresh: async () => {} },
  issuer,
  audience: 'spillway',
  claims: { organizationId: 'organization', scopes: 'scope', bestPriority: 'ceiling', types: 'types' },
  bestPriority: 1,
  now: () => Date.now()
})
const authenticatorOf = (known: KnownKeys) => new Authenticator({
  keys: known,
  tokens: known === keys ? tokens : undefined,
  adminToken: undefined,
  mayBeAnonymous: () => true,
  isCurrent: () => true,
  now: () => Date.now(),
  onUsed: () => {}
})
keys.adoptFile(made.map(({ id, key }) => ({
  id, name: id, organizationId: 'acme', scopes: ['ingest'], sha256: digestOfKey(key)
})))
const open = authenticatorOf(new KnownKeys())
const guarded = authenticatorOf(keys)
// Each request has texts of its own, as Node.js makes them from the bytes of a head.
const headers = (key: string) =>
  ({ headers: { authorization: Buffer.from(`Bearer ${key}`).toString('latin1') }, ip: '192.0.2.1' })
const right = made.map(({ key }) => headers(key))
const wrong = made.map(({ id }) => headers(newKey(id).key))

/** Signs JWTs of about 700 characters, as usual providers issue them. */
async function signed (alg: string, count: number): Promise<string[]> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  signingKeys.adopt([{ ...await exportJWK(publicKey), kid: alg }])
  return await Promise.all(Array.from({ length: count }, (_, index) => new SignJWT({
    iss: issuer, aud: 'spillway', sub: `sensor-${index}`, organization: 'acme', scope: 'openid profile ingest',
    jti: crypto.randomUUID(), azp: crypto.randomUUID(), client_name: 'gateway of plant '.repeat(4)
  }).setExpirationTime('2h').setProtectedHeader({ alg, kid: alg, typ: 'at+jwt' }).sign(privateKey)))
}

const jwts = await signed('RS256', KEYS)
for (const jwt of jwts) await tokens.verify(jwt, '192.0.2.1')
const known = jwts.map(headers)
const similar = jwts.map((jwt) => headers(jwt.slice(1)))
const unknown = Buffer.from('{"alg":"RS256","kid":"made-up"}').toString('base64url')
const unsigned = jwts.map((jwt) => headers(jwt.replace(/^[^.]+/, unknown)))
const stamp = stampOf('acme', 5)
const text = JSON.stringify({ type: 'telemetry-data', payload: { deviceId: 'd-1', values: { temperature: 21.5 } } })

let next = 0
let sink = 0
const SUBJECTS: Readonly<Record<string, () => unknown>> = {
  'no key in the service': () => open.authenticate(right[next++ % KEYS]!, 'main', false, false),
  'a verified key': () => guarded.authenticate(right[next++ % KEYS]!, 'main', false, false),
  'a wrong key': () => guarded.authenticate(wrong[next++ % KEYS]!, 'main', false, false),
  'a verified JWT': () => guarded.authenticate(known[next++ % KEYS]!, 'main', false, false),
  'a text like a JWT': () => guarded.authenticate(similar[next++ % KEYS]!, 'main', false, false),
  'a JWT of an unknown key': () => guarded.authenticate(unsigned[next++ % KEYS]!, 'main', false, false),
  'the stamp of an event': () => {
    const event = { id: '', type: 'x', payload: undefined, priority: 5, receivedAt: '' } as QueuedEvent
    sink += stamped(event, text, stamp)?.length ?? 0
  }
}

for (const [name, work] of Object.entries(SUBJECTS)) {
  timeGroups(GROUPS / 4, GROUP_SIZE, work, () => {})
  const [p50, p99] = quantiles(timeGroups(GROUPS, GROUP_SIZE, work, () => {}), 0.5, 0.99) as [number, number]
  process.stdout.write(`${name.padEnd(24)} p50 ${p50.toFixed(0).padStart(6)} ns   p99 ${p99.toFixed(0).padStart(6)} ns\n`)
}
if (sink === 0) throw new Error('nothing was stamped')

/** The same tokens for other subjects: their signatures are wrong. */
function forged (texts: readonly string[]): string[] {
  return texts.map((jwt, index) => {
    const [head = '', body = '', signature = ''] = jwt.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    return [head, Buffer.from(JSON.stringify({ ...claims, sub: `x-${index}` })).toString('base64url'), signature].join('.')
  })
}

async function timeVerifications (name: string, texts: readonly string[], isGood: boolean): Promise<void> {
  const startedAt = performance.now()
  const [startedCpu, startedLoop] = [process.cpuUsage(), process.threadCpuUsage()]
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const outcomes = await Promise.all(texts.slice(from, from + AT_ONCE).map((jwt) => tokens.verify(jwt, '192.0.2.1')))
    if (outcomes.some((outcome) => (typeof outcome === 'object') !== isGood)) throw new Error(`${name}: a wrong outcome`)
  }
  const perToken = ({ user, system }: NodeJS.CpuUsage) => (user + system) / texts.length
  const [all, loop] = [perToken(process.cpuUsage(startedCpu)), perToken(process.threadCpuUsage(startedLoop))]
  const elapsedUs = (performance.now() - startedAt) * 1_000 / texts.length
  process.stdout.write(
    `${name.padEnd(24)} ${all.toFixed(0).padStart(4)} µs of CPU, ${loop.toFixed(0)} µs of them in the event loop; ` +
    `${elapsedUs.toFixed(0)} µs in all; ${(1e6 / all).toFixed(0)} a second and core\n`
  )
}

for (const alg of ['RS256', 'ES256', 'EdDSA']) {
  const fresh = await signed(alg, 50 * AT_ONCE)
  await timeVerifications(`a new JWT, ${alg}`, fresh, true)
  await timeVerifications(`a wrong one, ${alg}`, forged(fresh), false)
}
