import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { ROOT } from './documents.ts'

const CONNECTION = pathToFileURL(join(ROOT, 'services/redis/connection.ts')).href

/** Connects in a process of its own, since Node.js reads NODE_EXTRA_CA_CERTS when it starts; answers the outcome. */
function connect (url: string, env: Record<string, string>): string {
  const program = `
    const { newConnection } = await import(${JSON.stringify(CONNECTION)})
    const redis = newConnection(process.argv[1], { lazyConnect: true, retryStrategy: () => null })
    let failure
    redis.on('error', (error) => { failure ??= error })
    console.log(await redis.connect().then(() => redis.ping()).catch((error) => (failure ?? error).message))
    redis.disconnect()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, url], {
    encoding: 'utf8', env: { ...process.env, ...env }
  })
  return `${stdout}${stderr}`.trim()
}

const isMissing = spawnSync('openssl', ['version']).status !== 0

const skip = isMissing ? 'no openssl' : false

t.test('rediss:// trusts an own authority once NODE_EXTRA_CA_CERTS names it', { skip }, async (t) => {
  const folder = t.testdir()
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=own')
  openssl('req', ...key, '-keyout', file('redis.key'), '-out', file('redis.csr'), '-subj', '/CN=redis')
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n')
  openssl('x509', '-req', '-in', file('redis.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-out', file('redis.pem'), '-days', '2', '-extfile', file('names'))
  const port = await freePort()
  await startRedis(t, {
    extraArgs: [
      '--tls-port', String(port), '--tls-cert-file', file('redis.pem'), '--tls-key-file', file('redis.key'),
      '--tls-ca-cert-file', file('ca.pem'), '--tls-auth-clients', 'no'
    ]
  })
  const env = { NODE_EXTRA_CA_CERTS: file('ca.pem') }
  t.equal(connect(`rediss://localhost:${port}`, env), 'PONG')
  t.match(connect(`rediss://localhost:${port}`, {}), /unable to verify|self-signed/)
  t.match(connect(`rediss://127.0.0.1:${port}`, env), /not in the cert|does not match certificate/, 'another name')
})
