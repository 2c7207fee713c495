import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import { IncomingRequest, isWasteful, smallChunksOf } from '../../../services/connections/incoming-request.ts'
import { rawConnection } from '../../../rig/raw-connection.ts'

type T = Parameters<typeof rawConnection>[0]

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
const END = '0\r\n\r\n'
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

/** A request of which the test decides when it is read, and the connection that sends it. */
async function received (t: T) {
  const server = createServer({ IncomingMessage: IncomingRequest })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const connection = await rawConnection(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const arrives = once(server, 'request') as Promise<[IncomingMessage]>
  connection.socket.write(HEAD)
  const [request] = await arrives
  return { request, socket: connection.socket }
}

t.test('chunks of one byte that nobody reads are kept in few pieces', async (t) => {
  const { request, socket } = await received(t)
  socket.write(chunk('x').repeat(50_000))
  await eventually('all have come', () => smallChunksOf(request) === 50_000)
  socket.write(END)
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  await once(request, 'end')
  t.equal(Buffer.concat(pieces).toString(), 'x'.repeat(50_000))
  t.ok(pieces.length < 20, `${pieces.length} pieces`)
})

t.test('a reader that waits gets a small chunk though no further one comes', async (t) => {
  const { request, socket } = await received(t)
  const chunks = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (const text of ['a', 'b', 'c', 'd']) {
    const read = chunks.next()
    socket.write(chunk(text))
    t.equal((await read).value?.toString(), text)
  }
  socket.write(END)
  t.equal((await chunks.next()).done, true)
})

const READERS: Record<string, (request: IncomingMessage) => Promise<Buffer>> = {
  'by events': async (request) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    await once(request, 'end')
    return Buffer.concat(pieces)
  },
  'by pieces': async (request) => await buffer(request),
  'by pieces, slowly': async (request) => {
    const pieces: Buffer[] = []
    for await (const piece of request) {
      pieces.push(piece as Buffer)
      await nextTurn()
    }
    return Buffer.concat(pieces)
  },
  'with pauses': async (request) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => {
      pieces.push(piece)
      request.pause()
      setImmediate(() => request.resume())
    })
    await once(request, 'end')
    return Buffer.concat(pieces)
  }
}

for (const [how, read] of Object.entries(READERS)) {
  t.test(`a body in chunks of all sizes is read whole and in order ${how}`, async (t) => {
    const { request, socket } = await received(t)
    const sizes = Array.from({ length: 3_000 }, (_, index) => index % 100 === 99 ? 1 + index * 7 : 1 + index % 90)
    const texts = sizes.map((size, index) => String.fromCharCode(97 + index % 26).repeat(size))
    const reading = read(request)
    socket.write(texts.map(chunk).join('') + END)
    t.ok((await reading).equals(Buffer.from(texts.join(''))))
  })
}

t.test('chunks of a line each are fair at any moment of a read, those of one byte are not', async (t) => {
  const table: [text: string, count: number, isWasteful: boolean][] = [
    ['{"type":"x","payload":12}\n', 20_000, false], ['xyz', 20_000, false], ['x', 5_000, false], ['x', 6_000, true]
  ]
  for (const [text, count, expected] of table) {
    const { request, socket } = await received(t)
    const verdicts = new Set<boolean>()
    request.on('data', () => verdicts.add(isWasteful(request)))
    const ended = once(request, 'end')
    socket.write(chunk(text).repeat(count) + END)
    await ended
    t.equal(verdicts.has(true) || isWasteful(request), expected, `${count} of ${text.length} bytes`)
  }
})
