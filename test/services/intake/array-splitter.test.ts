import fc from 'fast-check'
import t from 'tap'
import { ArraySplitter, type Step } from '../../../services/intake/array-splitter.ts'
import { AWKWARD_PAYLOADS, jsonText, whiteSpace } from '../../json-documents.ts'

/** The texts of the elements, or how far it came. */
function split (json: string): string[] | Step | 'no array' {
  const splitter = new ArraySplitter(json)
  if (!splitter.isArray) return 'no array'
  const texts: string[] = []
  for (;;) {
    const step = splitter.step()
    if (step === 'end') return texts
    if (step === 'malformed') return step
    if (step === 'element') texts.push(splitter.element)
  }
}

t.test('gives the texts between the commas', async (t) => {
  const table: [json: string, texts: string[]][] = [
    ['[]', []], ['\n[ \t]\n', []], ['[1]', ['1']], ['\ufeff[1]', ['1']],
    [' [ 1.0 , {"a":"]"} ,[2,[ 3]],"," ] ', ['1.0', '{"a":"]"}', '[2,[ 3]]', '","']],
    ['["\\\\","\\"",null]', ['"\\\\"', '"\\""', 'null']], ['["値",1]', ['"値"', '1']]
  ]
  for (const [json, texts] of table) t.strictSame(split(json), texts, json)
  t.strictSame(split(`[${AWKWARD_PAYLOADS.join(' ,')}]`), AWKWARD_PAYLOADS)
})

t.test('what is no array as a whole has an element that does not parse, or no end', async (t) => {
  for (const json of ['', '{}', '"[]"', '1', ' ', '\ufeff\ufeff[]']) t.equal(split(json), 'no array', json)
  const table = [
    '[',
    '[1',
    '[1,',
    '[1 2]',
    '[1]]',
    '[1] x',
    '["a"b]',
    '[{}{}]',
    '[\u00011]',
    '["',
    '["\\',
    '[[]',
    '[1}',
    '[}]',
    '[{]}]'
  ]
  for (const json of table) t.equal(typeof parsed(json), 'string', json)
  for (const json of ['[,]', '[1,]', '[,1]', '[1"a"]', '[tru]', '[{"a"}]']) t.equal(parsed(json), 'unparsed', json)
})

t.test('agrees with JSON.parse on any text', async (t) => {
  const garbage = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', ' ', '1', 'a', '\u0001', '\n'),
    maxLength: 30
  })
  const text = fc.oneof(
    garbage,
    fc.tuple(fc.array(fc.oneof(jsonText, garbage)), whiteSpace).map(([parts, space]) => parts.join(`${space},`))
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(text, whiteSpace, (text, space) => {
        const json = `${space}[${text}]${space}`
        const values = parsed(json)
        return Array.isArray(values) === isJson(json) &&
          (!Array.isArray(values) || JSON.stringify(values) === JSON.stringify(JSON.parse(json)))
      }),
      { numRuns: 3_000 }
    )
  )
})

t.test('looks at so much at a time and no more', async (t) => {
  for (const long of ['[],'.repeat(200_000), `"${'\\"'.repeat(300_000)}",`, '{"a":1},'.repeat(75_000)]) {
    const splitter = new ArraySplitter(`[[${long}1],1]`)
    const steps = Array.from({ length: 5 }, () => splitter.step())
    t.strictSame(steps, ['unfinished', 'unfinished', 'element', 'element', 'end'], long.slice(0, 10))
  }
})

function parsed (json: string): unknown[] | string {
  const texts = split(json)
  if (!Array.isArray(texts)) return texts
  try {
    return texts.map((text) => JSON.parse(text) as unknown)
  } catch {
    return 'unparsed'
  }
}

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
