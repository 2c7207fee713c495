import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { post, type PostRequest } from '../../../services/delivery/post.ts'
import { readAnswer } from '../../../services/delivery/answer.ts'

/** A consumer on a raw socket, which writes what it likes once a call has come. */
async function hostile (t: Test, write: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('data', () => write(socket))
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Writes as fast as the other side reads, until it hangs up. */
function flood (socket: Socket, begin: string, part: string): void {
  socket.write(begin)
  const block = part.repeat(Math.ceil(16_384 / part.length))
  const more = () => { while (!socket.destroyed && socket.write(block)); }
  socket.on('drain', more)
  more()
}

const call = (url: string, fields: Partial<PostRequest> = {}) =>
  post(url, {
    headers: {}, body: '{}', signal: new AbortController().signal, timeoutMs: 60_000, maxAnswerBytes: 10_000,
    outbound: new Outbound(), ...fields
  })

const floods: [claim: string, begin: string, part: string, result: object][] = [
  ['headers without end', 'HTTP/1.1 200 OK\r\n', 'x: y\r\n', { kind: 'failed', reason: 'HPE_HEADER_OVERFLOW' }],
  ['one header without end', 'HTTP/1.1 200 OK\r\nx: ', 'y', { kind: 'failed', reason: 'HPE_HEADER_OVERFLOW' }],
  ['a body without end', 'HTTP/1.1 200 OK\r\n\r\n', 'x', { kind: 'answered', status: 200, body: undefined }],
  ['chunks without end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n', { kind: 'answered', body: undefined }],
  ['a 207 without end', 'HTTP/1.1 207 OK\r\n\r\n{"results":[', '{"id":"a","status":"done"},', { status: 207, body: undefined }],
  ['interim answers without end', '', 'HTTP/1.1 102 Processing\r\n\r\n', { kind: 'failed', reason: /interim answers/ }],
  ['early hints without end', '', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n', { kind: 'failed', reason: /interim answers/ }]
]
for (const [claim, begin, part, result] of floods) {
  t.test(`is done with ${claim} long before its time is up`, async (t) => {
    const url = await hostile(t, (socket) => flood(socket, begin, part))
    t.match(await call(url), result)
  })
}

t.test('gives up a call whose answer drips, at its time', async (t) => {
  for (const begin of ['', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n']) {
    const url = await hostile(t, (socket) => {
      socket.write(begin)
      const timer = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(timer))
    })
    const result = await call(url, { timeoutMs: 50 })
    t.match(result, begin.endsWith('\r\n\r\n') ? { kind: 'answered', body: undefined } : { kind: 'failed' }, JSON.stringify(begin))
  }
})

t.test('follows no redirect, wherever it leads', async (t) => {
  for (const location of ['http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd', '//[::1]/']) {
    const url = await hostile(t, (socket) => {
      socket.end(`HTTP/1.1 307 Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)
    })
    t.match(await call(url), { kind: 'answered', status: 307 }, location)
  }
})

t.test('takes no part of an answer of a wrong length for the next answer', async (t) => {
  const lengths: [claim: string, answer: string, result: object][] = [
    ['shorter', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', { status: 200, body: undefined }],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok', { kind: 'failed' }],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', { kind: 'failed' }],
    ['negative', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', { kind: 'failed' }],
    ['no HTTP', 'hello\r\n\r\n', { kind: 'failed' }]
  ]
  for (const [claim, answer, result] of lengths) {
    const url = await hostile(t, (socket) => socket.end(answer))
    t.match(await call(url), result, claim)
  }
  let calls = 0
  const url = await hostile(t, (socket) => {
    calls++
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 400 Poison\r\ncontent-length: 0\r\n\r\n')
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  })
  for (const _ of [1, 2, 3]) t.match(await call(url), { kind: 'answered', status: 200 }, 'longer')
  t.ok(calls >= 1)
})

t.test('reads a 207 that is no UTF-8, and results of any shape, as a retry', async (t) => {
  const url = await hostile(t, (socket) => {
    socket.write('HTTP/1.1 207 OK\r\ncontent-length: 40\r\n\r\n')
    socket.end(Buffer.concat([Buffer.from('{"results":[{"id":"a\xff","status":"done"}]'.padEnd(39), 'latin1'), Buffer.from('}')]))
  })
  const answer = await call(url)
  t.match(answer, { kind: 'answered', status: 207 })
  const bodies = [
    (answer as { body: string }).body, '{"results":{"a":"done"}}', '{"results":[null,1,[],"a",{"id":1,"status":"done"}]}', '[]', 'null',
    '{"__proto__":{"results":[]}}', '{"results":[{"id":"a","status":"constructor"}]}'
  ]
  for (const body of bodies) {
    const verdict = readAnswer({ status: 207, retryAfter: null, body }, ['a'], 0, 1_000)
    if (verdict.kind === 'decided') t.match(verdict.outcomes, [{ status: 'retry' }], body)
    else t.match(verdict.refusal, { fate: 'retry' }, body)
  }
})
