import { PassThrough, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { GatheredChunks } from '../../../services/ingest/gathered-chunks.ts'

async function read (chunks: GatheredChunks): Promise<string[]> {
  const texts: string[] = []
  for await (const chunk of chunks) texts.push(chunk.toString())
  return texts
}

t.test('the chunks of one turn come as one', async (t) => {
  const source = new PassThrough()
  const chunks = new GatheredChunks(source, true)
  const texts = read(chunks)
  for (const text of ['ab', 'c', 'd']) source.write(text)
  await nextTurn()
  await nextTurn()
  source.end('e')
  t.strictSame(await texts, ['abcd', 'e'])
})

t.test('nothing is lost between slow takes, and an empty body has no chunk', async (t) => {
  const text = 'x'.repeat(300_000)
  const chunks = new GatheredChunks(Readable.from([Buffer.from(text.slice(0, 100_000)), Buffer.from(text.slice(100_000))]), false)
  let taken = ''
  for await (const chunk of chunks) {
    taken += chunk.toString()
    await nextTurn()
  }
  t.equal(taken, text)
  t.strictSame(await read(new GatheredChunks(Readable.from([]), false)), [])
})

t.test('a sender is left unread while nobody takes what it sent', async (t) => {
  const source = new PassThrough()
  const chunks = new GatheredChunks(source, false)
  source.write(Buffer.alloc(65_536))
  await nextTurn()
  t.ok(source.isPaused())
  for await (const chunk of chunks) {
    t.equal(chunk.length, 65_536)
    break
  }
  t.notOk(source.isPaused())
  chunks.stop()
})

t.test('an error of the source comes to the reader, also one that came before', async (t) => {
  const reading = new PassThrough()
  const fails = t.rejects(read(new GatheredChunks(reading, false)), { message: 'aborted' })
  reading.destroy(new Error('aborted'))
  await fails
  const unread = new PassThrough()
  const chunks = new GatheredChunks(unread, false)
  unread.destroy(new Error('aborted'))
  await nextTurn()
  await t.rejects(read(chunks), { message: 'aborted' })
})

t.test('chunks that are too small', async (t) => {
  const table: [claim: string, parts: string[], isChunked: boolean, isWasteful: boolean][] = [
    ['of one byte each', Array(6_000).fill('x'), true, true],
    ['of one byte each, which their sender did not choose', Array(6_000).fill('x'), false, false],
    ['few of them', Array(5_000).fill('x'), true, false],
    ['after others', ['x'.repeat(10_000), ...Array(6_000).fill('x')], true, false],
    ['of three bytes', Array(20_000).fill('xyz'), true, false]
  ]
  for (const [claim, parts, isChunked, isWasteful] of table) {
    const chunks = new GatheredChunks(Readable.from(parts.map((part) => Buffer.from(part))), isChunked)
    const text = (await read(chunks)).join('')
    t.equal(chunks.isWasteful, isWasteful, claim)
    if (isWasteful) t.ok(text.length < parts.join('').length, 'the rest is passed over')
    else t.equal(text, parts.join(''))
  }
})
