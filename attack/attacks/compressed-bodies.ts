import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { SMALL_REQUEST, type Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const BOMB_BYTES = 64 * 1_048_576
/** A bomb is refused as unsupported, as invalid, as too large, or because many leave no room; never stored. */
const REFUSED = [400, 413, 415, 503]

/** Bodies that are small and inflate to 64 MiB, by their Content-Encoding, and some that lie about it. */
function bombs (): [encoding: string, body: Buffer][] {
  const zeros = Buffer.alloc(BOMB_BYTES, ' ')
  const gzip = gzipSync(zeros)
  return [
    ['gzip', gzip], ['x-gzip', gzip], ['deflate', deflateSync(zeros)], ['deflate', deflateRawSync(zeros)],
    ['br', brotliCompressSync(zeros)], ['zstd', zstdCompressSync(zeros)],
    // Bombs within bombs, several encodings, and a wrong name for the encoding.
    ['gzip', gzipSync(gzip)], ['gzip, gzip', gzipSync(gzip)], ['gzip, br', gzip], ['br', gzip], ['zstd', gzip],
    ['gzip', Buffer.concat([gzip, gzip])], ['gzip', gzip.subarray(0, 1_000)], ['gzip', Buffer.alloc(0)],
    ['GZIP', gzip], ['identity, gzip', gzip], ['compress', gzip], ['*', gzip]
  ]
}

export default {
  description: 'compressed bodies that inflate to 64 MiB, in each encoding',
  run: async ({ target, costs, report, amount }) => {
    const requests = bombs().flatMap(([encoding, body]) => ['application/json', 'application/x-ndjson'].map((type) => ({
      encoding,
      bytes: Buffer.concat([
        Buffer.from(`POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
          `Content-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`),
        body
      ])
    })))
    for (const { encoding, bytes } of requests) {
      await costs(`${encoding}, ${bytes.length} bytes`, () => sendRaw(target.port, bytes), SMALL_REQUEST)
    }
    const flood = Array.from({ length: amount(2, 20) }, () => requests).flat()
    await inRows(32, flood, async ({ encoding, bytes }) => {
      const { answers: [answer] } = await sendRaw(target.port, bytes)
      if (answer === undefined || !REFUSED.includes(answer.status)) report('breach', `${answer?.status} to a bomb of ${encoding}`)
      else for (const { check, what } of judgeAnswer(answer, target.secrets, encoding)) report(check, what)
    })
    return requests.length + flood.length
  }
} satisfies Attack
