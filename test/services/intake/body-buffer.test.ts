import fc from 'fast-check'
import t from 'tap'
import { BodyBuffer } from '../../../services/intake/body-buffer.ts'

const collect = (chunks: readonly Buffer[], expected?: number) => {
  const buffer = new BodyBuffer()
  for (const chunk of chunks) buffer.append(chunk, expected)
  return buffer
}

t.test('gives back what came, however it was cut and whatever was announced', async (t) => {
  const chunk = fc.uint8Array({ maxLength: 9_000 }).map((bytes) => Buffer.from(bytes))
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      fc.array(chunk, { maxLength: 20 }),
      fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
      (chunks, expected) => collect(chunks, expected).bytes.equals(Buffer.concat(chunks))
    ))
  )
})

t.test('a body of one chunk is that chunk', async (t) => {
  const chunk = Buffer.from('{"type":"x"}')
  t.equal(collect([chunk], chunk.length).bytes.buffer, chunk.buffer)
})

t.test('takes no more memory than was announced, and returns it at once', async (t) => {
  const buffer = collect([Buffer.alloc(65_536), Buffer.alloc(65_536), Buffer.alloc(20_000)], 151_072)
  const block = buffer.bytes.buffer
  t.equal(block.byteLength, 151_072)
  buffer.free()
  t.equal(block.byteLength, 0)
  t.equal(buffer.bytes.length, 0)
})

t.test('chunks of one byte take little more than their bytes', async (t) => {
  const buffer = new BodyBuffer()
  const byte = Buffer.from('x')
  for (let chunk = 0; chunk < 100_000; chunk++) buffer.append(byte, undefined)
  t.ok(buffer.bytes.buffer.byteLength <= 200_000)
  t.equal(buffer.bytes.toString(), 'x'.repeat(100_000))
})

t.test('leaves the chunk alone that it was given', async (t) => {
  const chunk = Buffer.alloc(10_000, 'a')
  const buffer = collect([chunk])
  buffer.free()
  t.equal(chunk.toString(), 'a'.repeat(10_000))
})
