/* A person reads what to do in a terminal; a log has the same in one line, without a stack. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startServer } from '../../rig/spawned-server.ts'
import { startRedis } from '../../rig/redis.ts'
import { lastLine, runServer } from '../run-server.ts'

const IN_A_TERMINAL = ['--import', 'data:text/javascript,process.stdout.isTTY=true']

/** The mistake of an operator, the code of the fault, and its message with the remedy. */
const FAULTS: readonly [given: Record<string, string>, code: string, message: RegExp][] = [
  [{ HOST: '0.0.0.0' }, 'NO_API_KEY', /^HOST=0\.0\.0\.0 is beyond loopback, and there is no API key: set API_KEYS_FILE/],
  [
    { ADMIN_PORT: '0', ADMIN_HOST: '0.0.0.0' }, 'NO_API_KEY',
    /^ADMIN_HOST=0\.0\.0\.0 is beyond loopback, .* nobody could use ADMIN_PORT: set ADMIN_TOKEN/
  ],
  [
    { API_KEYS_FILE: '/nowhere/keys.json' }, 'API_KEYS_FILE_INVALID',
    /^API_KEYS_FILE \/nowhere\/keys\.json: ENOENT.*; let this user read it, or make it: npx spillway keys create --file/
  ],
  [
    { JWT_JWKS_URL: 'https://169.254.169.254/keys', JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'spillway' },
    'JWT_JWKS_URL_INVALID', /^JWT_JWKS_URL: the address is not in OUTBOUND_NETWORKS: 169\.254\.169\.254; add it there/
  ],
  [
    { DELIVERY_URL: 'http://169.254.169.254/' }, 'DELIVERY_URL_INVALID',
    /^DELIVERY_URL: the address is not in OUTBOUND_NETWORKS: 169\.254\.169\.254; add it there, or change the address$/
  ],
  [{ RULES_FILE: '/nowhere/rules.json' }, 'RULES_FILE_INVALID', /^RULES_FILE \/nowhere\/rules\.json: ENOENT.*; let this user/],
  [
    { DELIVERY_URL: 'http://127.0.0.1:9/', DELIVERY_CA_FILE: '/nowhere/ca.pem' }, 'DELIVERY_CA_FILE_INVALID',
    /^DELIVERY_CA_FILE: cannot read \/nowhere\/ca\.pem: ENOENT.*; set it to a PEM file/
  ],
  [
    { REDIS_URL: 'rediss://127.0.0.1:9', REDIS_CA_FILE: '/nowhere/ca.pem' }, 'REDIS_FILE_INVALID',
    /^REDIS_CA_FILE: cannot read \/nowhere\/ca\.pem: ENOENT.*; set it to a PEM file/
  ],
  [{ HOST: '192.0.2.1', ALLOW_ANONYMOUS_PRODUCERS: 'true' }, 'EADDRNOTAVAIL', /is not an address of this machine; set HOST/]
]

async function environment (t: Test): Promise<Record<string, string>> {
  const redis = await startRedis(t)
  return { REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data'), PORT: '0' }
}

t.test('a fault that an operator mends is a line of the log without a stack', async (t) => {
  const env = await environment(t)
  for (const [given, code, message] of FAULTS) {
    const end = await runServer({ ...env, ...given })
    t.equal(end.code, 1, code)
    const { msg, err } = lastLine(end)
    t.match(msg, message)
    t.strictSame(Object.keys(err).toSorted(), ['code', 'message', 'type'])
    t.match(err, { code, message: msg })
    t.equal(end.stderr, '')
  }
})

t.test('a folder that cannot be made is such a fault', async (t) => {
  const end = await runServer({ PORT: '0', DATA_DIR: '/dev/null/data' })
  t.match(lastLine(end), {
    msg: /^DATA_DIR \/dev\/null\/data: ENOTDIR.*; set DATA_DIR to a folder that this user can write$/,
    err: { code: 'EMBEDDED_REDIS_UNUSABLE_FOLDER', stack: undefined }
  })
})

t.test('in a terminal it is a sentence', async (t) => {
  const env = await environment(t)
  const { url } = await startServer(t, { REDIS_URL: env.REDIS_URL as string, ROLE: 'api' })
  const [[keyless, , needsKey]] = FAULTS as [typeof FAULTS[0]]
  for (const [given, message] of [
    [keyless, needsKey], [{ PORT: new URL(url).port }, /in use by another process; .* set PORT to a free port$/]
  ] as const) {
    const { code, stdout, stderr } = await runServer({ ...env, ...given }, IN_A_TERMINAL)
    t.equal(code, 1)
    t.match(stderr, /^Spillway cannot start: [^\n]+\n$/)
    t.match(stderr.trim().slice('Spillway cannot start: '.length), message)
    t.notMatch(stdout, 'start-failed')
  }
})
