import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { rawConnection } from '../../../rig/raw-connection.ts'
import { GET, serve, until } from './paced.ts'

t.test('refuses a connection beyond the most there may be, and takes one again when there is room', async (t) => {
  const { url, connections, endings } = await serve(t, (_request, response) => {
    response.end('ok')
  }, { mostConnections: { main: 2, admin: 0 } })
  const first = await rawConnection(t, url)
  await rawConnection(t, url)
  await eventually('both are there', () => connections.count === 2)
  const third = await rawConnection(t, url)
  await third.ended
  t.strictSame(endings, ['too-many-connections'])
  first.socket.destroy()
  await eventually('there is room', () => connections.count === 1)
  const fourth = await rawConnection(t, url)
  fourth.socket.write(GET)
  await until(fourth, [200])
})

t.test('an answer before something that is not HTTP is kept', async (t) => {
  let response: ServerResponse | undefined
  const { url, connections } = await serve(t, (request, owed) => {
    request.resume()
    response = owed
  })
  for (const garbage of ['GARBAGE\r\n\r\n', '\0\0\0\0', 'GET / HTTP/9.9\r\n\r\n']) {
    const connection = await rawConnection(t, url)
    response = undefined
    connection.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}${garbage}`)
    const owed: ServerResponse = await eventually('the request is there', () => response)
    await turn()
    t.strictSame(connection.statuses(), [], 'nothing is answered out of turn')
    owed.writeHead(202).end('stored')
    await connection.ended
    t.strictSame(connection.statuses(), [202, 400], JSON.stringify(garbage))
    t.match(connection.text(), /"status":400,"detail":"The request is not HTTP: /)
  }
  t.equal(connections.totals['not-http'], 3)
})

t.test('what is not HTTP gets 400, and a head that is too large 431', async (t) => {
  const { url } = await serve(t, (request, response) => { request.resume().on('end', () => { response.end() }) })
  for (const [text, status] of [
    ['hello\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431]
  ] as const) {
    const connection = await rawConnection(t, url)
    connection.socket.write(text)
    await connection.ended
    t.strictSame(connection.statuses(), [status], text.slice(0, 20))
    t.match(connection.text(), /content-type: application\/problem\+json/)
  }
})

t.test('two Host fields and a transfer coding that is not undone get 400', async (t) => {
  let handled = 0
  const { url } = await serve(t, (request, response) => {
    handled++
    request.resume()
    response.writeHead(202).end()
  })
  for (const head of [
    'Host: a\r\nHost: b\r\nContent-Length: 0', 'Host: a\r\nhOST: a\r\nContent-Length: 0',
    'Host: a\r\nTransfer-Encoding: gzip, chunked', 'Host: a\r\nTransfer-Encoding: chunked, chunked',
    'Host: a\r\nTransfer-Encoding: identity', 'Host: a\r\nTransfer-Encoding: gzip'
  ]) {
    const connection = await rawConnection(t, url)
    connection.socket.write(`POST / HTTP/1.1\r\n${head}\r\n\r\n0\r\n\r\n`)
    await connection.ended
    t.strictSame(connection.statuses()[0], 400, head)
  }
  t.equal(handled, 0)
  const connection = await rawConnection(t, url)
  connection.socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')
  await until(connection, [202])
})

t.test('ends an answer that is not read, and a body that goes on after its answer, and nothing else', async (t) => {
  const body = Buffer.alloc(50_000_000)
  const { url, connections, endings, pass } = await serve(t, (request, response) => {
    if (request.url === '/stream') response.write('begun')
    else if (request.url === '/refused') {
      request.resume()
      response.writeHead(503).end()
    } else if (request.url === '/body') request.resume()
    else response.end(body)
  }, { answerMs: 60_000, restOfBodyMs: 10_000 })
  const open = async (path: string, head = '') => {
    const connection = await rawConnection(t, url)
    connection.socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`)
    return connection
  }
  const unread = await open('/unread')
  unread.socket.pause()
  const refused = await open('/refused', 'Content-Length: 1000\r\n')
  const stream = await open('/stream')
  const posting = await open('/body', 'Content-Length: 1000\r\n')
  await eventually('the refusal is there', () => refused.statuses().length === 1)
  await eventually('the stream has begun', () => stream.text().includes('begun'))
  await eventually('all are late that are', () => { connections.sweep(); return connections.count === 4 })
  t.strictSame(endings, [])
  pass(10_001)
  connections.sweep()
  await refused.ended
  t.strictSame(endings, ['late-body'])
  pass(50_000)
  connections.sweep()
  unread.socket.resume()
  await unread.ended
  t.strictSame(endings, ['late-body', 'unread-answer'])
  pass(10 * 3_600_000)
  connections.sweep()
  connections.sweep()
  t.equal(connections.count, 2, 'an open stream and a body that is still read')
  for (const { socket } of [stream, posting]) t.notOk(socket.destroyed)
})

t.test('the time of an answer does not count from a late one before it', async (t) => {
  let begun = 0
  const body = Buffer.alloc(50_000_000)
  const { url, connections, endings, pass } = await serve(t, (_request, response) => {
    begun++
    response.end(body)
  }, { answerMs: 60_000 })
  const connection = await rawConnection(t, url)
  connection.socket.pause().write(GET)
  await eventually('it is begun', () => begun === 1)
  connections.sweep()
  pass(59_000)
  connection.socket.resume()
  await eventually('it is read', () => connection.text().length > body.length)
  connection.socket.pause().write(GET)
  await eventually('the next one is begun', () => begun === 2)
  pass(2_000)
  connections.sweep()
  t.strictSame(endings, [])
  pass(60_000)
  connections.sweep()
  t.strictSame(endings, ['unread-answer'])
})

t.test('requests that are never begun count for as long as their connection is there', async (t) => {
  const { url, connections } = await serve(t, (_request, response) => { response.end('ok') }, {
    mostWaiting: 10, mostWaitingInAll: 50
  })
  for (let round = 0; round < 5; round++) {
    const connection = await rawConnection(t, url)
    connection.socket.write(GET.repeat(40))
    await connection.ended
    t.equal(connection.statuses().length, 11, `round ${round}`)
    await eventually('it is gone', () => connections.count === 0)
  }
})
