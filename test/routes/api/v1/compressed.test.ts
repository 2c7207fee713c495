import {
  brotliCompressSync, createBrotliCompress, createDeflate, createGzip, createZstdCompress, deflateSync, gzipSync,
  zstdCompressSync
} from 'node:zlib'
import t from 'tap'
import { eventually } from '../../../../rig/eventually.ts'
import { beginPost, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { startOpen } from './setup.ts'

const COMPRESS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
const NAMES = Object.keys(COMPRESS) as (keyof typeof COMPRESS)[]
const NDJSON = 'application/x-ndjson'

const OPEN = { gzip: createGzip, deflate: createDeflate, br: createBrotliCompress, zstd: createZstdCompress }

/** Compresses text, and leaves the end of the coding out. */
async function withoutEnd (name: keyof typeof OPEN, text: string): Promise<Buffer> {
  const encoder = OPEN[name]()
  encoder.write(text)
  await new Promise<void>((resolve) => encoder.flush(resolve))
  const compressed = encoder.read() as Buffer
  encoder.destroy()
  return compressed
}

const event = (payload: unknown) => ({ type: 'x', payload })
const lines = (...payloads: unknown[]) => payloads.map((payload) => `${JSON.stringify(event(payload))}\n`).join('')

const { app } = await startApp(t)

/** Posts to a route by its media type. */
const send = (url: string, type: string, encoding: string, payload: Buffer, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': type, 'content-encoding': encoding, ...headers } })

t.test('takes each coding in every form of an event', async (t) => {
  const cloudEvent = { specversion: '1.0', id: '', source: '/m', type: 'x', data: 1 }
  for (const name of NAMES) {
    const forms: [url: string, type: string, body: unknown, headers?: Record<string, string>][] = [
      ['events', 'application/json', event('ä')],
      ['events', 'application/cloudevents+json', { ...cloudEvent, id: `${name}-1` }],
      ['events', 'application/json', { any: 'data' }, { 'ce-specversion': '1.0', 'ce-id': name, 'ce-source': '/b', 'ce-type': 'x' }],
      ['events/batch', 'application/json', [event(1), event(2)]],
      ['events/batch', 'application/cloudevents-batch+json', [{ ...cloudEvent, id: `${name}-2` }]],
      ['events/batch', NDJSON, lines(1, 2, 3)],
      ['datastreams', 'application/json', { deviceId: 'd', values: { a: 1 } }]
    ]
    for (const [path, type, body, headers] of forms) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await send(`/api/v1/${path}`, type, name, COMPRESS[name](text), headers)
      t.equal(answer.statusCode, 202, `${name}, ${path}, ${type}: ${answer.body}`)
    }
  }
  t.equal((await storedEvents(app)).length, 10 * NAMES.length)
  t.equal(app.bodiesInFlight.heldBytes, 0)
})

t.test('names the codings that it takes in a 415, and only there', async (t) => {
  for (const encoding of ['compress', 'gzip, gzip', 'gzip, br', 'aes128gcm']) {
    const answer = await send('/api/v1/events', 'application/json', encoding, Buffer.from('{}'))
    t.match(answer, { statusCode: 415, headers: { 'accept-encoding': 'gzip, deflate, br, zstd' } }, encoding)
    t.match(answer.json().detail, `Content-Encoding ${encoding} is not supported`)
  }
  t.notOk((await post(app, event(1), { 'content-type': 'text/plain' })).headers['accept-encoding'])
})

t.test('answers a body that is cut, broken or a bomb with the reason', async (t) => {
  for (const name of NAMES) {
    const whole = COMPRESS[name](JSON.stringify(event('x'.repeat(1_000))))
    const table: [claim: string, body: Buffer, status: number, slug: string, detail: RegExp][] = [
      ['cut', whole.subarray(0, -1), 400, 'not-decodable', /ends too early/],
      ['empty', Buffer.alloc(0), 400, 'not-decodable', /ends too early/],
      ['plain', Buffer.from(JSON.stringify(event(1))), 400, 'not-decodable', /the body is not (gzip|deflate|br|zstd) \(/],
      ['a bomb', COMPRESS[name](JSON.stringify(event('x'.repeat(900_000)))), 413, 'compressed-too-much', /more than 100 times/],
      ['too large', COMPRESS[name](JSON.stringify(Array.from({ length: 300_000 }, (_, n) => n))), 413, 'body-too-large', /1048576/]
    ]
    for (const [claim, body, statusCode, slug, detail] of table) {
      const answer = await send('/api/v1/events', 'application/json', name, body)
      t.match(answer.json(), { status: statusCode, type: new RegExp(`${slug}$`), detail }, `${name}, ${claim}`)
    }
  }
  t.equal(app.bodiesInFlight.heldBytes, 0)
})

t.test('reports the lines of a stream before its fault', async (t) => {
  for (const name of NAMES) {
    const { write, end, answer } = await beginPost(t, app, '/api/v1/events/batch', {
      'content-type': NDJSON, 'content-encoding': name, 'idempotency-key': name
    })
    write(await withoutEnd(name, lines(1, 2, 3)))
    end()
    const { statusCode, body } = await answer
    t.equal(statusCode, 207, name)
    t.match(body, { stopReason: 'not-decodable', accepted: 3, stoppedAfterLine: 3 }, name)
  }
  const bomb = await send('/api/v1/events/batch', NDJSON, 'gzip', gzipSync(lines(1, 2) + ' '.repeat(1_000_000)))
  t.match(bomb.json(), { accepted: 2, stoppedAfterLine: 2, stopReason: 'compressed-too-much' })
  t.equal(bomb.statusCode, 207)
  const empty = await send('/api/v1/events/batch', NDJSON, 'gzip', Buffer.from(lines(1)))
  t.match(empty.json(), { status: 400, detail: /not gzip/ })
  t.equal(app.streamMemory.decoders.held, 0)
})

t.test('a sender that disconnects leaves nothing behind', async (t) => {
  for (const type of [NDJSON, 'application/json']) {
    const { write, hangUp } = await beginPost(t, app, '/api/v1/events/batch', { 'content-type': type, 'content-encoding': 'gzip' })
    write(await withoutEnd('gzip', lines(...Array.from({ length: 300 }, (_, n) => n))))
    await eventually('it is read', () => app.bodiesInFlight.heldBytes + app.streamMemory.decoders.held > 0)
    hangUp()
    await eventually('it is forgotten', () => app.bodiesInFlight.heldBytes + app.streamMemory.decoders.held === 0)
    t.pass(type)
  }
})

t.test('refuses by the headers, before it inflates anything', async (t) => {
  const { app } = await startOpen(t)
  const answer = await postBatch(app, Buffer.from('not gzip'), { 'content-encoding': 'gzip', 'x-event-priority': '9' })
  t.match(answer.json(), { status: 503, reason: 'circuit-open' })
})
