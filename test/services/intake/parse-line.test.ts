import fc from 'fast-check'
import t from 'tap'
import { TOO_LONG } from '../../../services/intake/line-splitter.ts'
import { parseLine } from '../../../services/intake/parse-line.ts'

t.test('parses any JSON', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.json(), (line) => {
      if (/__proto__|constructor/.test(line)) return true
      const parsed = parseLine(line, 100)
      return parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(JSON.parse(line))
    }))
  )
  t.strictSame(
    parseLine('{"a":1}\r', 100),
    { ok: true, value: { a: 1 }, text: '{"a":1}\r' },
    'a carriage return is white space'
  )
})

t.test('says what is wrong with a line', async (t) => {
  for (
    const line of [
      '',
      '{',
      '{}{}',
      'undefined',
      "{'a':1}",
      '[1,]',
      '{"__proto__":1}',
      '{"a":[{"__proto__":{}}]}',
      '{"constructor":{"prototype":1}}'
    ]
  ) {
    t.match(parseLine(line, 100), { ok: false, reason: 'invalid-json', message: /./ }, line)
  }
  t.strictSame(parseLine(TOO_LONG, 100), { ok: false, reason: 'line-too-long', message: 'Longer than 100 bytes' })
})
