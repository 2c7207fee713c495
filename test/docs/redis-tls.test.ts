import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import t from 'tap'
import { gatherRedis } from '../../cli/doctor/gather/redis.ts'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { redisAddressOf, type RedisFiles } from '../../services/redis/redis-address.ts'
import { eventHandler, post, startApp } from '../app.ts'
import { documentedRules } from './acl-rules.ts'
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

/** Makes an authority, and certificates of it for Redis and for a client, in a folder. */
function makeCertificates (folder: string): (name: string) => string {
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=own')
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n')
  for (const name of ['redis', 'client']) {
    openssl('req', ...key, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/CN=${name}`)
    openssl('x509', '-req', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'),
      '-CAcreateserial', '-out', file(`${name}.pem`), '-days', '2', '-extfile', file('names'))
  }
  return file
}

const isMissing = spawnSync('openssl', ['version']).status !== 0

const skip = isMissing ? 'no openssl' : false

t.test('with TLS', { skip }, async (t) => {
  const file = makeCertificates(t.testdir())
  const tlsArgs = (port: number, authClients: 'yes' | 'no') => [
    '--tls-port', String(port), '--tls-cert-file', file('redis.pem'), '--tls-key-file', file('redis.key'),
    '--tls-ca-cert-file', file('ca.pem'), '--tls-auth-clients', authClients
  ]

  await t.test('rediss:// trusts an own authority once NODE_EXTRA_CA_CERTS names it', async (t) => {
    const port = await freePort()
    await startRedis(t, { extraArgs: tlsArgs(port, 'no') })
    const env = { NODE_EXTRA_CA_CERTS: file('ca.pem') }
    t.equal(connect(`rediss://localhost:${port}`, env), 'PONG')
    t.match(connect(`rediss://localhost:${port}`, {}), /unable to verify|self-signed/)
    t.match(connect(`rediss://127.0.0.1:${port}`, env), /not in the cert|does not match certificate/, 'another name')
  })

  await t.test('a service with certificates works, as a user with few rights', async (t) => {
    const port = await freePort()
    const redis = await startRedis(t, { extraArgs: tlsArgs(port, 'yes') })
    const admin = new Redis(redis.path)
    t.teardown(async () => { admin.disconnect() })
    await admin.call('ACL', 'SETUSER', 'spillway', ...documentedRules('TLS-word'))
    const env = {
      REDIS_URL: `rediss://spillway:TLS-word@localhost:${port}`, ROLE: 'all',
      REDIS_CA_FILE: file('ca.pem'), REDIS_CERT_FILE: file('client.pem'), REDIS_KEY_FILE: file('client.key')
    }
    const handled = Promise.withResolvers<unknown>()
    const handler = eventHandler(({ payload }) => {
      handled.resolve(payload)
      return { status: 'done' }
    })
    const { app } = await startApp(t, { env, handlers: [handler] })
    t.equal((await post(app, { type: 'a', payload: 'through TLS' })).statusCode, 202)
    t.equal(await handled.promise, 'through TLS')
    const reached = await gatherRedis(loadConfig(env), process.env.PATH)
    t.match(reached, { state: 'reached', refused: [] }, 'the doctor connects')
    const { REDIS_CERT_FILE: _cert, REDIS_KEY_FILE: _key, ...nameless } = env
    t.match(await gatherRedis(loadConfig(nameless), process.env.PATH), { state: 'unreachable' }, 'no certificate')
    const { REDIS_CA_FILE: _ca, ...trusting } = env
    t.match(await gatherRedis(loadConfig(trusting), process.env.PATH), {
      state: 'unreachable', reason: /unable to verify|self-signed/
    }, 'an unknown authority')
  })
})

t.test('names a file that cannot be read, and files that are of no use', async (t) => {
  const folder = t.testdir({ pem: 'x' })
  const pem = join(folder, 'pem')
  const refused = (url: string, files: object, message: RegExp) =>
    t.throws(() => redisAddressOf(url, files as RedisFiles, ''), { code: 'REDIS_FILE_INVALID', message })
  refused('rediss://x', { REDIS_CA_FILE: join(folder, 'none') }, /^REDIS_CA_FILE: cannot read .*none/)
  refused('redis://x', { REDIS_CA_FILE: pem }, /rediss:/)
  refused('rediss://x', { REDIS_KEY_FILE: pem }, /need each other/)
  t.equal(redisAddressOf('redis://x', {} as RedisFiles, ''), 'redis://x')
})
