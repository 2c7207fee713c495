import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { lookup } from 'node:dns'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startConsumer } from '../../../rig/consumer.ts'
import { DeliveryClient } from '../../../services/delivery/delivery-client.ts'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { post } from '../../../services/delivery/post.ts'
import { Reachability } from '../../../services/delivery/reachability.ts'
import { event, never } from './client.ts'

const request = (outbound: Outbound) => ({
  headers: {}, body: '{}', signal: new AbortController().signal, timeoutMs: 60_000, maxAnswerBytes: 1_000, outbound
})

/** A resolver that gives each question the next of these addresses. */
function resolving (...addresses: string[]): typeof lookup {
  return ((_name: string, _options: unknown, done: (error: null, all: object[]) => void) =>
    done(null, [{ address: addresses.shift(), family: 4 }])) as unknown as typeof lookup
}

t.test('connects to no address outside its networks, however the URL writes it', async (t) => {
  const consumer = await startConsumer(t)
  const { port } = new URL(consumer.url)
  const outbound = new Outbound({ networks: 'public' })
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::ffff:127.0.0.1]', '[::1]', 'localhost', '0.0.0.0'])
    t.match(await post(`http://${host}:${port}/`, request(outbound)), { kind: 'failed', wasConnected: false }, host)
  t.match(await post('http://169.254.169.254/latest/', request(new Outbound())), { reason: /not in OUTBOUND_NETWORKS/ })
  t.equal(consumer.calls.length, 0)
  t.match(await post(consumer.url, request(new Outbound())), { kind: 'answered' })
})

t.test('judges the address to which a name resolves for each connection', async (t) => {
  const consumer = await startConsumer(t)
  const url = consumer.url.replace('127.0.0.1', 'rebinding.example')
  const outbound = new Outbound({ networks: '127.0.0.1', resolve: resolving('127.0.0.1', '127.0.0.2', '169.254.169.254') })
  consumer.answer = (_call, reply) => { reply.writeHead(200, { connection: 'close' }).end() }
  t.match(await post(url, request(outbound)), { kind: 'answered' })
  for (const _ of [2, 3]) t.match(await post(url, request(outbound)), { kind: 'failed', reason: 'ADDRESS_NOT_ALLOWED' })
  t.equal(consumer.calls.length, 1)
})

t.test('delivers to an address of its networks only', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(200, { connection: 'close' }).end() }
  const outbound = new Outbound({ networks: '127.0.0.1', resolve: resolving('127.0.0.1', '127.0.0.2') })
  const client = new DeliveryClient({
    url: consumer.url.replace('127.0.0.1', 'rebinding.example'), timeoutMs: 60_000, maxRetryAfterMs: 1, outbound
  })
  const outcomes = async (id: string) => (await client.deliver([event(id)], never())).outcomes
  t.match(await outcomes('a'), [{ status: 'done' }])
  t.match(await outcomes('b'), [{ status: 'retry', reason: /ADDRESS_NOT_ALLOWED/ }])
  t.equal(consumer.calls.length, 1)
})

t.test('a worker that looks whether the consumer is back connects to no other address either', async (t) => {
  const consumer = await startConsumer(t)
  const again = Promise.withResolvers<void>()
  let asked = 0
  const resolve = ((_name: string, _options: unknown, done: (error: null, all: object[]) => void) => {
    if (++asked === 2) again.resolve()
    done(null, [{ address: '127.0.0.1', family: 4 }])
  }) as unknown as typeof lookup
  const reachability = new Reachability({
    url: consumer.url.replace('127.0.0.1', 'rebinding.example'), timeoutMs: 1_000,
    onReached: () => again.reject(new Error('it is reached')), outbound: new Outbound({ networks: 'public', resolve })
  })
  t.teardown(() => reachability.close())
  reachability.await(1)
  await t.resolves(again.promise)
})

t.test('connects to no host outside its list', async (t) => {
  const outbound = new Outbound({ hosts: 'Hooks.example.com, *.example.org, 127.0.0.1' })
  for (const host of ['hooks.example.com', 'HOOKS.EXAMPLE.COM', 'a.example.org', 'a.b.example.org', '127.0.0.1'])
    t.equal(outbound.problemOf(`https://${host}/`), undefined, host)
  for (const host of ['example.com', 'example.org', 'evilexample.org', 'hooks.example.com.evil.net', '127.0.0.2', 'localhost'])
    t.match(outbound.problemOf(`https://${host}/`), 'not one of OUTBOUND_HOSTS', host)
  const options = { url: 'http://elsewhere.example/', timeoutMs: 1, maxRetryAfterMs: 1, outbound }
  t.throws(() => new DeliveryClient(options), { message: /^DELIVERY_URL: the host is not one of OUTBOUND_HOSTS/ })
})

t.test('verifies the certificate of a consumer, with the authorities of DELIVERY_CA_FILE', async (t) => {
  const folder = t.testdir()
  const file = (name: string) => join(folder, name)
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n')
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=own')
  openssl('req', ...key, '-keyout', file('key.pem'), '-out', file('csr.pem'), '-subj', '/CN=consumer')
  openssl('x509', '-req', '-in', file('csr.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-out', file('cert.pem'), '-days', '2', '-extfile', file('names'))
  const server = createServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, (_, reply) => reply.end())
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server.listen(0, 'localhost'), 'listening')
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`
  t.match(await post(url, request(new Outbound({ caFile: file('ca.pem') }))), { kind: 'answered', status: 200 })
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => { delete process.env.NODE_TLS_REJECT_UNAUTHORIZED })
  t.match(await post(url, request(new Outbound())), { kind: 'failed', reason: /UNABLE_TO_VERIFY|SELF_SIGNED/ })
  t.throws(() => new Outbound({ caFile: file('none.pem') }), { code: 'DELIVERY_CA_FILE_INVALID' })
})
