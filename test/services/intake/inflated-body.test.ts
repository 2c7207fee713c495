import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  brotliCompressSync, constants, createBrotliCompress, createDeflate, createGzip, createZstdCompress, deflateSync,
  gzipSync, zstdCompressSync
} from 'node:zlib'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { ByteBudget } from '../../../services/intake/byte-budget.ts'
import {
  ACCEPTED_CODINGS, codingOf, UnsupportedCodingError, type ContentCoding
} from '../../../services/intake/content-coding.ts'
import { InflatedBody, InflationError } from '../../../services/intake/inflated-body.ts'

const COMPRESS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
const NAMES = Object.keys(COMPRESS) as (keyof typeof COMPRESS)[]
const TEXT = Buffer.from(Array.from({ length: 400 }, (_, n) => `{"type":"x","payload":${n * n}}\n`).join(''))

/** Bytes that do not compress. */
const NOISE = createHash('shake256', { outputLength: 1_000_000 }).update('noise').digest()

const coding = (name: string) => codingOf({ 'content-encoding': name }) as ContentCoding

/** Resolves with the body, or the fault and the bytes that its reader got before it. */
async function inflate (name: string, chunks: readonly Buffer[]): Promise<{ bytes: Buffer, error?: InflationError }> {
  const got: Buffer[] = []
  try {
    for await (const chunk of new InflatedBody({ coding: coding(name), source: Readable.from(chunks) })) got.push(chunk)
    return { bytes: Buffer.concat(got) }
  } catch (error) {
    return { bytes: Buffer.concat(got), error: error as InflationError }
  }
}

const cut = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))

t.test('knows each coding by its name, and refuses others and several', async (t) => {
  t.equal(ACCEPTED_CODINGS, NAMES.join(', '))
  for (const name of [...NAMES, ' GZIP ', 'identity, br']) t.type(coding(name).decoder, 'function', name)
  t.equal(coding('x-gzip').name, 'gzip')
  for (const name of [undefined, '', ' ', 'identity', 'Identity', ' identity ', 'identity, identity']) {
    t.equal(codingOf({ 'content-encoding': name }), undefined, String(name))
  }
  for (const name of ['compress', 'gzip, gzip', 'gzip,br', 'identity, gzip, zstd', 'x-identity', '__proto__'])
    t.type(codingOf({ 'content-encoding': name }), UnsupportedCodingError, name)
})

t.test('yields what was compressed, in chunks of any size', async (t) => {
  for (const name of NAMES) {
    for (const size of [1, 7, 1_000, Infinity]) {
      const compressed = COMPRESS[name](TEXT)
      const { bytes, error } = await inflate(name, cut(compressed, Math.min(size, compressed.length)))
      t.ok(bytes.equals(TEXT) && error === undefined, `${name} in chunks of ${size}`)
    }
  }
})

t.test('names a body that ends too early, is something else, or goes on after its end', async (t) => {
  for (const name of NAMES) {
    const whole = COMPRESS[name](TEXT)
    for (const end of [0, 1, 5, whole.length >> 1, whole.length - 1]) {
      const { error } = await inflate(name, [whole.subarray(0, end)])
      t.match(error, { statusCode: 400, fault: 'not-decodable', message: `${name}: the body ends too early` }, `${name} to ${end}`)
    }
    t.match((await inflate(name, [TEXT])).error, { statusCode: 400, message: `${name}: the body is not ${name} (` }, name)
    for (const rest of [[Buffer.concat([whole, TEXT])], [whole, TEXT], [whole, Buffer.from('x')]])
      t.match((await inflate(name, rest)).error, { statusCode: 400, fault: 'not-decodable' }, `${name} and more`)
  }
})

t.test('ends a body that inflates to a hundred times its size, near that bound', async (t) => {
  for (const name of NAMES) {
    const bomb = COMPRESS[name](Buffer.alloc(16_000_000))
    const { bytes, error } = await inflate(name, cut(bomb, 4_096))
    t.match(error, { statusCode: 413, fault: 'compressed-too-much' }, name)
    t.ok(bytes.length <= Math.max(65_536, 100 * bomb.length), `${name}: ${bytes.length} bytes of ${bomb.length}`)
    t.equal((await inflate(name, [COMPRESS[name](Buffer.alloc(65_536))])).error, undefined, `${name}, small`)
  }
})

t.test('refuses a zstd frame with a window above that of RFC 9659', async (t) => {
  const encoder = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 24 } })
  encoder.write('x')
  encoder.flush(() => encoder.end())
  t.match((await inflate('zstd', [await buffer(encoder)])).error, { statusCode: 400, message: 'too much memory' })
})

t.test('hands on each flushed part while its sender waits', async (t) => {
  for (const encoder of [createGzip(), createDeflate(), createBrotliCompress(), createZstdCompress()]) {
    const name = encoder.constructor.name.replace(/Compress$/, '').replace(/^Brotli$/, 'br').toLowerCase()
    const body = new InflatedBody({ coding: coding(name), source: encoder.pipe(new PassThrough()) })
    for (const part of ['one\n', 'two\n']) {
      encoder.write(part)
      encoder.flush()
      if (body.readableLength === 0) await once(body, 'readable')
      t.equal(String(body.read()), part, name)
    }
    body.destroy()
    encoder.destroy()
  }
})

t.test('does not read on while its reader has enough, and not at all without a reader', async (t) => {
  const chunks = cut(gzipSync(NOISE, { level: 0 }), 4_096)
  let taken = 0
  const source = Readable.from((function * () {
    for (const chunk of chunks) {
      taken++
      yield chunk
    }
  })())
  const body = new InflatedBody({ coding: coding('gzip'), source })
  t.equal(taken, 0)
  body.read(0)
  while (!source.isPaused() || body.readableLength < body.readableHighWaterMark) await nextTurn()
  t.ok(taken < chunks.length / 2, `${taken} chunks of ${chunks.length}`)
  t.ok((await buffer(body)).equals(NOISE))
})

t.test('takes the window of a decoder out of a budget, returns it, and ends a body without room', async (t) => {
  const windows = new ByteBudget(65_536)
  const open = (name: string, chunks: Buffer[]) => {
    const source = new PassThrough()
    for (const chunk of chunks) source.write(chunk)
    return new InflatedBody({ coding: coding(name), source, windows })
  }
  const [one, two, three] = [1, 2, 3].map(() => open('gzip', [gzipSync(NOISE)])) as InflatedBody[]
  for (const body of [one, two]) body?.resume()
  while (windows.held < 65_536) await nextTurn()
  await t.rejects(buffer(three as InflatedBody), { message: /lacks memory to decompress gzip/ })
  for (const body of [one, two]) body?.destroy()
  t.equal(windows.held, 0)
})

t.test('ends with its source', async (t) => {
  for (const end of ['destroyed', 'broken'] as const) {
    const source = new PassThrough()
    const body = new InflatedBody({ coding: coding('gzip'), source })
    const read = buffer(body)
    source.write(gzipSync(TEXT).subarray(0, 100))
    setImmediate(() => source.destroy(end === 'broken' ? new Error('broken off') : undefined))
    await t.rejects(read, { message: end === 'broken' ? 'broken off' : 'the request ended before its body' })
  }
})
