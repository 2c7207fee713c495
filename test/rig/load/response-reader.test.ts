import t from 'tap'
import fc from 'fast-check'
import { ResponseReader, type Answer } from '../../../rig/load/response-reader.ts'

const PLAIN = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\ncontent-length: 11\r\n\r\n{"id":"10"}'
const SHED = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater'
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\nA;x=1\r\n\r\nsecond\r\n\r\n0\r\nTrailer: ' +
  'x\r\n\r\n'
const EMPTY = 'HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

const all = Buffer.from(PLAIN + SHED + CONTINUE + CHUNKED + EMPTY + PLAIN)
const answers = [
  { status: 202, isLast: false, body: '{"id":"10"}' },
  { status: 503, isLast: true, body: 'later' },
  { status: 200, isLast: false, body: 'first\r\nsecond\r\n' },
  { status: 204, isLast: false, body: '' },
  { status: 202, isLast: false, body: '{"id":"10"}' }
]

function read (pieces: readonly Buffer[], keepsBody = true): Answer[] {
  const found: Answer[] = []
  const reader = new ResponseReader((answer) => { found.push(answer) }, keepsBody)
  // As a connection does it: every piece comes in the same buffer.
  const shared = Buffer.alloc(all.length)
  for (const piece of pieces) reader.feed(shared.subarray(0, piece.copy(shared)))
  return found
}

t.test('reads answers that come together', async (t) => t.strictSame(read([all]), answers))

t.test('reads answers that come byte by byte', async (t) =>
  t.strictSame(read([...all].map((byte) => Buffer.from([byte]))), answers))

t.test('reads answers in whatever pieces they come', async () => {
  fc.assert(fc.property(fc.array(fc.nat(all.length), { maxLength: 12 }), (cuts) => {
    const places = [0, ...cuts.toSorted((a, b) => a - b), all.length]
    const pieces = places.slice(1).map((end, index) => all.subarray(places[index], end))
    return JSON.stringify(read(pieces)) === JSON.stringify(answers)
  }))
})

t.test('keeps no bodies unless asked', async (t) =>
  t.strictSame(read([all], false).map(({ status, body }) => [status, body]), answers.map(({ status }) => [status, ''])))
