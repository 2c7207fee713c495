/* Bytes that are nearly HTTP. */
import * as fc from 'fast-check'

const EVENT = '{"type":"fuzzed","payload":1}'
const SEEDS = [
  `POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`,
  `POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n${EVENT}\r\n0\r\n\r\n`,
  'GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /api/v1/events/x%20y?limit=1 HTTP/1.1\r\nHost: [::1]:3000\r\nRange: bytes=0-\r\nExpect: 100-continue\r\n\r\n'
]
const INSERTS = [
  '\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', ';', ',', '\u007f', '\u0080', '\u00ff', '0', '-1', 'ffffffffffffffff',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: identity\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n',
  'Host: other\r\n', 'Connection: keep-alive, Transfer-Encoding\r\n', 'Upgrade: websocket\r\n', 'HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ' \r\n folded', '5;ext="\n"\r\n', 'a'.repeat(20_000)
]

type Change = (text: string) => string

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...INSERTS)).map(([at, insert]): Change => (text) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + insert + text.slice(place)
  }),
  fc.tuple(fc.nat(), fc.nat(40)).map(([at, length]): Change => (text) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + text.slice(place + length)
  }),
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]): Change => (text) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1)
  }),
  fc.nat().map((at): Change => (text) => text + text.slice(at % (text.length + 1))),
  fc.constant<Change>((text) => text.replaceAll('\r\n', '\n')),
  fc.constant<Change>((text) => text.toUpperCase())
)

/** One to four changes of a valid request, or bytes that are none. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(fc.constantFrom(...SEEDS), fc.array(anyChange, { minLength: 1, maxLength: 4 })).map(
      ([seed, changes]) => Buffer.from(changes.reduce((text, change) => change(text), seed), 'latin1')
    )
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)) }
)
