import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createSigner } from '../../services/delivery/signature.ts'
import { ROOT } from './documents.ts'

// The vector of the specification of Standard Webhooks.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const BODY = '{"test": 2432232314}'
const SENT_AT = 1_614_265_330
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': String(SENT_AT),
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
}

type Call = [secret: string, headers: Record<string, string>, body: string, nowSeconds: number]

const GOOD: Call[] = [
  [SECRET, HEADERS, BODY, SENT_AT + 10],
  [SECRET.slice('whsec_'.length), HEADERS, BODY, SENT_AT],
  [SECRET, { ...HEADERS, 'webhook-signature': `v1,AAAA v2,x ${HEADERS['webhook-signature']}` }, BODY, SENT_AT],
  [SECRET, createSigner(SECRET)('msg_1', new Date(SENT_AT * 1_000), '["é"]'), '["é"]', SENT_AT]
]
const BAD: Call[] = [
  [SECRET, HEADERS, BODY.replace('4', '5'), SENT_AT],
  [SECRET, HEADERS, BODY, SENT_AT + 301],
  [SECRET, HEADERS, BODY, SENT_AT - 301],
  [SECRET, { ...HEADERS, 'webhook-id': 'other' }, BODY, SENT_AT],
  [SECRET, { ...HEADERS, 'webhook-timestamp': 'now' }, BODY, SENT_AT],
  [SECRET, { ...HEADERS, 'webhook-signature': HEADERS['webhook-signature'].replace('v1', 'v2') }, BODY, SENT_AT],
  [SECRET, {}, BODY, SENT_AT],
  [`whsec_${Buffer.from('another secret than that').toString('base64')}`, HEADERS, BODY, SENT_AT]
]

const document = readFileSync(join(ROOT, 'docs/DELIVERY.md'), 'utf8')
const codeIn = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(document)?.[1] ?? t.bailout(language) as never

t.test('the Node.js code of DELIVERY.md verifies what Spillway signs, and nothing else', async (t) => {
  const file = join(t.testdir(), 'verify.mjs')
  writeFileSync(file, codeIn('js'))
  const { isFromSpillway } = await import(pathToFileURL(file).href) as
    { isFromSpillway: (secret: string, headers: Record<string, string>, body: Buffer, nowSeconds: number) => boolean }
  const verdictOf = ([secret, headers, body, now]: Call) => isFromSpillway(secret, headers, Buffer.from(body), now)
  for (const call of GOOD) t.equal(verdictOf(call), true)
  for (const call of BAD) t.equal(verdictOf(call), false)
})

const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3'

t.test('so does the Python code', { skip }, async (t) => {
  const program = `${codeIn('python')}
import json, sys
for secret, headers, body, now in json.load(sys.stdin):
    print(is_from_spillway(secret, headers, body.encode(), now))
`
  const input = JSON.stringify([...GOOD, ...BAD])
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' })
  t.strictSame(stdout.trim().split('\n'), [...GOOD.map(() => 'True'), ...BAD.map(() => 'False')], stderr)
})
