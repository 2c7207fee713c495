import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Ending } from '../../../services/connections/connection.ts'
import { Connections } from '../../../services/connections/connections.ts'
import { BOUNDS, SERVER_OPTIONS, type ConnectionBounds } from '../../../services/connections/server-options.ts'
import { eventually } from '../../../rig/eventually.ts'
import { rawConnection, type RawConnection } from '../../../rig/raw-connection.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

interface Paced {
  url: string
  connections: Connections
  endings: Ending[]
  /** Moves the clock of the connections. */
  pass: (ms: number) => void
}

async function serve (t: Test, handle: RequestListener, bounds: Partial<ConnectionBounds> = {}): Promise<Paced> {
  let passed = 0
  const endings: Ending[] = []
  const connections = new Connections({
    bounds: { ...BOUNDS, mostConnections: 100, ...bounds },
    now: () => performance.now() + passed,
    onEnded: (ending) => { endings.push(ending) },
    onAcceptError: (error) => { throw error }
  })
  const server = createServer(SERVER_OPTIONS, connections.pacing(handle))
  connections.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, connections, endings, pass: (ms) => { passed += ms } }
}

const until = (connection: RawConnection, statuses: readonly number[]) =>
  eventually(`the answers ${statuses.join()}`, () => connection.statuses().join() === statuses.join())

t.test('answers pipelined requests in their order, few of them in one turn', async (t) => {
  let turns = 0
  let inTurn = 0
  let mostInTurn = 0
  const counting = new AbortController()
  const count = async () => {
    while (!counting.signal.aborted) {
      await turn()
      turns++
      inTurn = 0
    }
  }
  const { url, endings } = await serve(t, (request, response) => {
    mostInTurn = Math.max(mostInTurn, ++inTurn)
    response.end(`<${request.url?.slice(1)}>`)
  }, { mostBegun: 4 })
  const connection = await rawConnection(t, url)
  const counted = count()
  const paths = Array.from({ length: 60 }, (_, index) => index)
  connection.socket.write(paths.map((path) => `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  await until(connection, paths.map(() => 200))
  counting.abort()
  await counted
  t.strictSame([...connection.text().matchAll(/<(\d+)>/g)].map(([, path]) => Number(path)), paths)
  t.ok(mostInTurn <= 5, `${mostInTurn} in one turn`)
  t.ok(turns > 60 / 5)
  t.strictSame(endings, [])
})

t.test('a turn begins no further request once it has taken its time', async (t) => {
  const begun = { inTurn: 0, mostInTurn: 0, inAll: 0 }
  const first: ServerResponse[] = []
  const { url, pass } = await serve(t, (request, response) => {
    if (request.url === '/first') {
      first.push(response)
      return
    }
    begun.inAll++
    begun.mostInTurn = Math.max(begun.mostInTurn, ++begun.inTurn)
    // As if it had taken so long.
    pass(6)
    response.end('ok')
  }, { mostBegun: 1 })
  const connections = await Promise.all(Array.from({ length: 20 }, () => rawConnection(t, url)))
  for (const { socket } of connections) socket.write(`${GET.replace('/', '/first')}${GET}`)
  await eventually('one of each is begun', () => first.length === 20)
  // All may go on in the same turn.
  for (const response of first) response.end('ok')
  while (begun.inAll < 20) {
    begun.inTurn = 0
    await turn()
  }
  t.ok(begun.mostInTurn <= 2, `${begun.mostInTurn} in one turn`)
})

t.test('begins a request that comes alone at once', async (t) => {
  const { url } = await serve(t, (_request, response) => { response.end('ok') })
  const connection = await rawConnection(t, url)
  for (let count = 1; count <= 5; count++) {
    connection.socket.write(GET)
    await until(connection, Array.from({ length: count }, () => 200))
  }
  t.pass()
})

t.test('closes a connection with more requests than may wait, after the answer to the last of them', async (t) => {
  let handled = 0
  const { url, endings } = await serve(t, (_request, response) => {
    handled++
    response.end('ok')
  }, { mostWaiting: 10 })
  const connection = await rawConnection(t, url)
  connection.socket.write(GET.repeat(500))
  await connection.ended
  t.equal(handled, 11, 'the first, and those that waited')
  t.equal(connection.statuses().length, 11)
  t.equal([...connection.text().matchAll(/^connection: close/gim)].length, 1)
  t.strictSame(endings, ['too-many-requests'])
})

t.test('makes no stack for each request that was never answered', async (t) => {
  const errors: Error[] = []
  let begun = 0
  const { url } = await serve(t, (request) => {
    begun++
    request.on('error', (error) => errors.push(error))
  }, { mostBegun: 5 })
  const connection = await rawConnection(t, url)
  connection.socket.write(GET.repeat(20))
  await eventually('as many as may begin have begun', () => begun === 5)
  const { stackTraceLimit } = Error
  connection.socket.destroy()
  await eventually('they are told', () => errors.length === 5)
  t.strictSame(new Set(errors.map(({ stack }) => stack)), new Set(['Error: aborted']))
  t.equal(Error.stackTraceLimit, stackTraceLimit, 'stacks are as long as before')
})

t.test('cuts connections when too many requests wait over all', async (t) => {
  const held: (() => void)[] = []
  const { url, connections } = await serve(t, (_request, response) => { held.push(() => { response.end('ok') }) }, {
    mostBegun: 1, mostWaiting: 10, mostWaitingInAll: 15
  })
  const first = await rawConnection(t, url)
  const second = await rawConnection(t, url)
  first.socket.write(GET.repeat(10))
  await eventually('the first waits', () => held.length === 1)
  second.socket.write(GET.repeat(10))
  await second.ended
  await eventually('it is released', () => connections.count === 1)
  // One of them was the second connection's.
  for (let answered = 0; answered < 11; answered++) (await eventually('one is begun', () => held[answered]))()
  await until(first, Array.from({ length: 10 }, () => 200))
  t.equal(connections.totals['too-many-requests'], 1)
})

t.test('cuts connections when too many bytes of bodies wait over all', async (t) => {
  const open: ServerResponse[] = []
  const { url, connections } = await serve(t, (request, response) => {
    request.resume()
    open.push(response)
  }, { mostBegun: 1, mostWaitingBytes: 100_000 })
  const answerAll = (connection: RawConnection, count: number) => eventually('all are answered', () => {
    for (const response of open.splice(0)) response.end('ok')
    return connection.statuses().length === count
  })
  const post = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n${'x'.repeat(10_000)}`
  const first = await rawConnection(t, url)
  // The body of the first of them is read.
  first.socket.write(post.repeat(11))
  await eventually('it is begun', () => open.length === 1)
  const second = await rawConnection(t, url)
  second.socket.write(post.repeat(2))
  await second.ended
  await answerAll(first, 11)
  const third = await rawConnection(t, url)
  third.socket.write(post.repeat(11))
  await answerAll(third, 11)
  t.equal(connections.totals['too-many-requests'], 1)
})

t.test('closes a connection that gets more bytes at once than a burst may have', async (t) => {
  const body = Buffer.alloc(100_000)
  const { url, endings } = await serve(t, (_request, response) => { response.end(body) }, { mostBurstBytes: 250_000 })
  const connection = await rawConnection(t, url)
  connection.socket.write(GET.repeat(50))
  await connection.ended
  t.ok(connection.statuses().length < 10, `${connection.statuses().length} answers`)
  t.strictSame(endings, ['too-many-requests'])
})

t.test('as many bytes over a longer time are no burst', async (t) => {
  const body = Buffer.alloc(100_000)
  const { url, endings, pass } = await serve(t, (_request, response) => {
    pass(1_001)
    response.end(body)
  }, { mostBurstBytes: 250_000 })
  const connection = await rawConnection(t, url)
  connection.socket.write(GET.repeat(20))
  await until(connection, Array.from({ length: 20 }, () => 200))
  t.strictSame(endings, [])
})

t.test('an answer of which much has yet to leave is read before the next request is begun', async (t) => {
  let begun = 0
  const body = Buffer.alloc(8_000_000)
  const { url } = await serve(t, (_request, response) => {
    begun++
    response.end(body)
  }, { mostBurstBytes: Infinity })
  const connection = await rawConnection(t, url)
  connection.socket.pause().write(GET.repeat(10))
  await eventually('one is begun', () => begun > 0)
  const other = await rawConnection(t, url)
  other.socket.write(GET)
  await until(other, [200])
  t.ok(begun <= 4, `${begun} are begun, one of them for the other connection`)
  connection.socket.resume()
  await until(connection, Array.from({ length: 10 }, () => 200))
})

t.test('refuses a connection beyond the most there may be, and takes one again when there is room', async (t) => {
  const { url, connections, endings } = await serve(t, (_request, response) => { response.end('ok') }, { mostConnections: 2 })
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
