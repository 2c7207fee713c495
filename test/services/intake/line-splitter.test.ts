import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { LineSplitter, NOT_UTF8, TOO_LONG, type Line } from '../../../services/intake/line-splitter.ts'

/** Text of few kinds of characters, so that line ends and characters of several bytes are everywhere. */
const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '値', '😀', '{'), maxLength: 60 })
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 12 })

function chunksOf (bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

function split (chunks: readonly Buffer[], maxBytes: number): Line[] {
  const splitter = new LineSplitter(maxBytes)
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
}

/** Returns the lines of a text; one that ends with a newline has no empty line after it. */
function linesOf (text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

t.test('cuts text at its newlines', async (t) => {
  const table: [chunks: string[], lines: string[]][] = [
    [[], []],
    [[''], []],
    [['a'], ['a']],
    [['a\n'], ['a']],
    [['a\nb'], ['a', 'b']],
    [['a\r\nb\r\n'], ['a\r', 'b\r']],
    [['\n'], ['']],
    [['\n\n'], ['', '']],
    [['a\n\nb'], ['a', '', 'b']],
    [['a', 'b', '\n', 'c'], ['ab', 'c']],
    [['a\n', '', 'b'], ['a', 'b']],
    [['a', '\n'], ['a']]
  ]
  for (const [chunks, lines] of table)
    t.strictSame(split(chunks.map((chunk) => Buffer.from(chunk)), 100), lines, JSON.stringify(chunks))
})

t.test('gives a line as soon as it has ended', async (t) => {
  const splitter = new LineSplitter(100)
  t.strictSame(splitter.push(Buffer.from('first\nsec')), ['first'])
  t.strictSame(splitter.push(Buffer.from('ond')), [])
  t.strictSame(splitter.push(Buffer.from('\nthird\nfou')), ['second', 'third'])
  t.strictSame(splitter.end(), ['fou'])
  t.strictSame(splitter.end(), [], 'once')
})

t.test('gives the same lines however the bytes are cut', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(text, cuts, (text, cuts) => {
    const lines = split(chunksOf(Buffer.from(text), cuts), 1_000)
    return JSON.stringify(lines) === JSON.stringify(linesOf(text))
  }), { numRuns: 1_000 }))
})

t.test('passes over a line that is too long and goes on with the next', async (t) => {
  const table: [chunks: string[], lines: Line[]][] = [
    [['12345\n123456\n12345'], ['12345', TOO_LONG, '12345']],
    [['123', '456\nnext'], [TOO_LONG, 'next']],
    [['123456', '7', '8\n', 'next'], [TOO_LONG, 'next']],
    [['123456', '7'], [TOO_LONG]],
    [['12345', '\nnext'], ['12345', 'next']],
    [['123456\n', '123456', '\n123456'], [TOO_LONG, TOO_LONG, TOO_LONG]],
    [['a\n123456', '78\nb\nc'], ['a', TOO_LONG, 'b', 'c']]
  ]
  for (const [chunks, lines] of table)
    t.strictSame(split(chunks.map((chunk) => Buffer.from(chunk)), 5), lines, JSON.stringify(chunks))
})

t.test('the limit is in bytes, wherever the cuts fall', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(text, cuts, fc.integer({ min: 1, max: 8 }), (text, cuts, maxBytes) => {
        const name = (line: Line) => line === TOO_LONG ? 'too long' : line
        const expected = linesOf(text).map((line) => Buffer.byteLength(line) > maxBytes ? TOO_LONG : line)
        return JSON.stringify(split(chunksOf(Buffer.from(text), cuts), maxBytes).map(name)) ===
          JSON.stringify(expected.map(name))
      }),
      { numRuns: 2_000 }
    )
  )
})

t.test('the limit holds for plain text, wherever the cuts fall', async (t) => {
  const plain = fc.string({ unit: fc.constantFrom('a', '\n'), maxLength: 60 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(plain, cuts, fc.integer({ min: 1, max: 8 }), (text, cuts, maxBytes) => {
        const name = (line: Line) => line === TOO_LONG ? 'too long' : line
        const expected = linesOf(text).map((line) => line.length > maxBytes ? TOO_LONG : line)
        return JSON.stringify(split(chunksOf(Buffer.from(text), cuts), maxBytes).map(name)) ===
          JSON.stringify(expected.map(name))
      }),
      { numRuns: 1_000 }
    )
  )
})

t.test('holds no more of an endless line than the limit, and no chunk that it has read', async (t) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const size = 65_536
  const splitter = new LineSplitter(4 * size)
  const chunks: WeakRef<Buffer>[] = []
  const push = () => {
    const chunk = Buffer.alloc(size, 'x')
    chunks.push(new WeakRef(chunk))
    splitter.push(chunk)
  }
  const held = async () => {
    // References stay alive until their turn ends.
    await nextTurn()
    collectGarbage()
    return chunks.filter((chunk) => chunk.deref() !== undefined).length
  }
  for (let pushed = 0; pushed < 4; pushed++) push()
  t.equal(splitter.unfinishedBytes, 4 * size, 'a line within the limit is kept')
  for (let pushed = 0; pushed < 100; pushed++) push()
  t.equal(splitter.unfinishedBytes, 0, 'one beyond it is not')
  t.equal(await held(), 0)
  t.strictSame(splitter.push(Buffer.from('\nnext\n')), [TOO_LONG, 'next'])
})

t.test('a line that comes byte by byte takes the memory of one', async (t) => {
  const splitter = new LineSplitter(1_000_000)
  const before = process.memoryUsage()
  for (let sent = 0; sent < 500_000; sent++) splitter.push(Buffer.from('x'))
  const after = process.memoryUsage()
  t.equal(splitter.unfinishedBytes, 500_000)
  t.ok(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers < 50_000_000)
  t.strictSame(splitter.push(Buffer.from('\n')), ['x'.repeat(500_000)])
})

t.test('a line that is not UTF-8 is told apart, the others are not touched', async (t) => {
  const splitter = new LineSplitter(100)
  t.strictSame(splitter.push(Buffer.from('one\nt\xffo\nthree\n', 'latin1')), ['one', NOT_UTF8, 'three'])
  t.strictSame(splitter.push(Buffer.from('caf')), [])
  t.strictSame(splitter.push(Buffer.from('é\n\xe9', 'utf8').subarray(0, 3)), ['café'])
})
