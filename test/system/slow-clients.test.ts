import { lookup } from 'node:dns/promises'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer } from '../../rig/spawned-server.ts'

const SLOW = 100
const DRIP_MS = 500
const line = (text: string) => `${(text.length + 1).toString(16)}\r\n${text}\n\r\n`
const EVENT = JSON.stringify({ type: 'x', payload: 1 })

const redis = await startRedis(t)

t.test('closes connections whose head never ends, and leaves streams alone', async (t) => {
  const { url, log } = await startReadyServer(t, { REDIS_URL: redis.url, WITHOUT_HANDLER: 'discard' })
  const stream = await rawConnection(t, url)
  stream.socket
    .write(`POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n${
      line(EVENT)
    }`)
  const silent = await rawConnection(t, url)
  const slow = await Promise.all(Array.from({ length: SLOW }, () => rawConnection(t, url)))
  for (const { socket } of slow) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  const drip = setInterval(() => {
    for (const { socket } of slow) socket.write('x')
  }, DRIP_MS)
  t.teardown(() => clearInterval(drip))
  await Promise.all(slow.map(({ ended }) => ended))
  await silent.ended
  t.strictSame(new Set(slow.flatMap(({ statuses }) => statuses())), new Set([408]))
  t.equal(silent.text(), '', 'who asked for nothing is told nothing')
  t.match(log.find(({ event }) => event === 'connection-ended'), { reason: 'late-head' })
  stream.socket.write(`${line(EVENT)}0\r\n\r\n`)
  await eventually('the stream is answered', () => stream.statuses().length === 1)
  t.strictSame(stream.statuses(), [202])
  t.match(stream.text(), /"accepted":2/)
})

t.test('localhost is all of its addresses', async (t) => {
  // One address on a machine without IPv6.
  const addresses = (await lookup('localhost', { all: true })).map(({ address, family }) =>
    family === 6 ? `[${address}]` : address
  )
  const { url } = await startReadyServer(t, { REDIS_URL: redis.url, HOST: 'localhost' })
  for (const address of addresses) {
    t.equal((await fetch(`http://${address}:${new URL(url).port}/api/v1/health/liveness`)).status, 200, address)
  }
})
