import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { rawConnection, type RawConnection } from '../../../rig/raw-connection.ts'
import { GET, serve, until } from './paced.ts'

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
