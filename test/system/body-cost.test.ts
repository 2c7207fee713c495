import { connect } from 'node:net'
import t from 'tap'
import { startMeteredService } from '../metered-service.ts'
import { startRedis } from '../redis.ts'

const MIB = 1_048_576

/** Chunks of one byte: 6 bytes on the wire for each byte of a body, and nearly a MiB in all. */
const CHUNKS = `${'1\r\n \r\n'.repeat(170_000)}0\r\n\r\n`

const head = (path: string, length: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${length}\r\n\r\n`
const chunked = (path: string) => Buffer.from(head(path, 'Transfer-Encoding: chunked') + CHUNKS)
const long = (bytes: number) => Buffer.concat([Buffer.from(head('/api/v1/events/batch', `Content-Length: ${bytes}`)), Buffer.alloc(bytes, ' ')])

const redis = await startRedis(t)
const service = await startMeteredService(t, { REDIS_URL: redis.url, ROLE: 'api' })

/** Sends all, whatever is answered meanwhile, and waits until the connection is closed. */
function send (data: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => { answer += chunk.toString() }).on('error', () => {}).on('close', () => resolve(answer))
    socket.write(data)
  })
}

const table: [claim: string, data: Buffer, mostCpuMs: number, answer: RegExp][] = [
  ['a body in chunks of one byte', chunked('/api/v1/events'), 100, /^HTTP\/1\.1 400 .*more than 8192 chunks of less than 64 bytes/s],
  ['the same for nobody', chunked('/api/v1/nothing'), 100, /^HTTP\/1\.1 404/],
  ['60 MiB that are read on for an answer', long(60 * MIB), 500, /^HTTP\/1\.1 413/]
]

for (const [claim, data, mostCpuMs, answer] of table) {
  t.test(`the cost of ${claim} is bounded`, async (t) => {
    const { cpuMs, longestTurnMs, result } = await service.measureLeast(() => send(data))
    t.match(result, answer)
    t.ok(cpuMs < mostCpuMs, `${cpuMs.toFixed(1)} ms of CPU`)
    t.ok(longestTurnMs < 50, `${longestTurnMs.toFixed(1)} ms in one turn`)
  })
}

t.test('a body of many chunks of a fair size is accepted', async (t) => {
  const event = JSON.stringify({ type: 'x', payload: 'x'.repeat(640_000) })
  const chunks = (event.match(/.{1,64}/g) as string[]).map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  t.ok(chunks.length > 10_000)
  t.match(await send(Buffer.from(`${head('/api/v1/events', 'Transfer-Encoding: chunked')}${chunks.join('')}0\r\n\r\n`)), /^HTTP\/1\.1 202/)
})
