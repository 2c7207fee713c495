import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'

const MIB = 1_048_576

/** Chunks of one byte: 6 bytes on the wire for each byte of a body, and nearly a MiB in all. */
const CHUNKS = `${'1\r\n \r\n'.repeat(170_000)}0\r\n\r\n`

const head = (path: string, length: string, type = 'application/json', connection = 'close') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`
const chunked = (path: string, type?: string) => Buffer.from(head(path, 'Transfer-Encoding: chunked', type) + CHUNKS)
const shed = Buffer
  .from(head('/api/v1/events', 'Transfer-Encoding: chunked\r\nX-Event-Priority: 9', undefined, 'keep-alive') + CHUNKS)
const long = (bytes: number) =>
  Buffer.concat([Buffer.from(head('/api/v1/events/batch', `Content-Length: ${bytes}`)), Buffer.alloc(bytes, ' ')])

const encoded = (coding: string, body: Buffer, type?: string) => Buffer.concat([
  Buffer.from(head('/api/v1/events/batch', `Content-Encoding: ${coding}\r\nContent-Length: ${body.length}`, type)), body
])

/** 64 MiB of spaces, compressed to between 3 and 65 kB. */
const SPACES = Buffer.alloc(64 * MIB, ' ')
const BOMBS = {
  gzip: gzipSync(SPACES), deflate: deflateSync(SPACES), br: brotliCompressSync(SPACES), zstd: zstdCompressSync(SPACES)
}

/** 50,000 members that hold nothing. */
const EMPTY_MEMBERS = Buffer.concat(Array<Buffer>(50_000).fill(gzipSync('')))

const redis = await startRedis(t)
const service = await startMeteredService(t, {
  REDIS_URL: redis.url, ROLE: 'api',
  QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '9', QUEUE_CRITICAL_THRESHOLD: '10'
})

const post = async (priority: number) => {
  const body = JSON.stringify({ type: 'x', payload: 1, priority })
  const answer = await fetch(`${service.url}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body
  })
  await answer.text()
  return answer.status
}
for (let posted = 0; posted < 8; posted++) await post(5)
await eventually('low priority is shed', async () => await post(9) === 503)

/** Sends all, whatever is answered meanwhile, and waits until the connection is closed. */
function send (data: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    }).on('error', () => {}).on('close', () => resolve(answer))
    socket.write(data)
  })
}

const table: [claim: string, data: Buffer, mostCpuMs: number, answer: RegExp, mostTurnMs?: number][] = [
  [
    'a body in chunks of one byte',
    chunked('/api/v1/events'),
    100,
    /^HTTP\/1\.1 400 .*more than 8192 chunks of less than 64 bytes/s
  ],
  [
    'a stream in such chunks',
    chunked('/api/v1/events/batch', 'application/x-ndjson'),
    100,
    /^HTTP\/1\.1 400 .*larger chunks/s
  ],
  ['the same, shed', shed, 100, /^HTTP\/1\.1 503/],
  ['the same for nobody', chunked('/api/v1/nothing'), 100, /^HTTP\/1\.1 404/],
  ...Object.entries(BOMBS).flatMap(([coding, bomb]): typeof table => [
    [`a bomb in ${coding}`, encoded(coding, bomb), 100, /^HTTP\/1\.1 413 .*more than 100 times/s],
    [`the same in a stream`, encoded(coding, bomb, 'application/x-ndjson'), 100, /^HTTP\/1\.1 413 .*more than 100 times/s]
  ]),
  ['a megabyte of gzip that inflates to nothing', encoded('gzip', EMPTY_MEMBERS), 100, /^HTTP\/1\.1 400/],
  ['the same in a stream', encoded('gzip', EMPTY_MEMBERS, 'application/x-ndjson'), 100, /^HTTP\/1\.1 400/],
  ['60 MiB that are read on for an answer', long(60 * MIB), 500, /^HTTP\/1\.1 413/]
]

for (const [claim, data, mostCpuMs, answer, mostTurnMs = 50] of table) {
  t.test(`the cost of ${claim} is bounded`, async (t) => {
    const { cpuMs, longestTurnMs, result } = await service.measureWithin({ mostCpuMs, mostTurnMs }, () => send(data))
    t.match(result, answer)
    t.ok(cpuMs < mostCpuMs, `${cpuMs.toFixed(1)} ms of CPU`)
    t.ok(longestTurnMs < mostTurnMs, `${longestTurnMs.toFixed(1)} ms in one turn`)
  })
}

t.test('a body of many chunks of a fair size is accepted', async (t) => {
  const event = JSON.stringify({ type: 'x', payload: 'x'.repeat(640_000) })
  const chunks = (event.match(/.{1,64}/g) as string[]).map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  t.ok(chunks.length > 10_000)
  t.match(
    await send(Buffer.from(`${head('/api/v1/events', 'Transfer-Encoding: chunked')}${chunks.join('')}0\r\n\r\n`)),
    /^HTTP\/1\.1 202/
  )
})
