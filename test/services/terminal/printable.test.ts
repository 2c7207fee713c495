import fc from 'fast-check'
import t from 'tap'
import { printable, printableJson, printableLines } from '../../../services/terminal/printable.ts'

/** C0, DEL, C1, marks of bidirectional text, zero width, separators, a tag, half of a pair, a noncharacter. */
const BAD = [
  '\0',
  '\u0007',
  '\b',
  '\r',
  '\u001B[2J',
  '\u007F',
  '\u0085',
  '\u009B31m',
  '\u061C',
  '\u200E',
  '\u202E',
  '\u2066',
  '\u2069',
  '\uFEFF',
  '\u2028',
  '\u2029',
  '\u{E0041}',
  '\uD800',
  '\uFFFF'
]
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u

t.test('a line holds nothing that steers a terminal', async (t) => {
  for (const bad of BAD) t.notMatch(printable(`a${bad}b\n`), STEERING, `U+${bad.codePointAt(0)?.toString(16)}`)
  t.equal(printable('Zürich, 東京, עברית, 😀'), 'Zürich, 東京, עברית, 😀')
  t.equal(printable('a\nb\tc', ' '), 'a b c')
})

t.test('lines keep their breaks, and our own colours where there are any', async (t) => {
  t.equal(printableLines('a\nb\r\n\u001B[31mred\u001B[39m\u202E'), 'a\nb\nred')
  t.equal(
    printableLines('\u001B[31mred\u001B[39m\u001B[2J\u009B31m\u001B[1;31m\u001B[8m\n', true),
    '\u001B[31mred\u001B[39m[2J31m[1;31m[8m\n'
  )
  for (const bad of BAD) t.notMatch(printableLines(bad).replaceAll('\n', ''), STEERING)
})

t.test('JSON says the same and is printable', async (t) => {
  const key = fc.string({ unit: 'binary' })
  fc.assert(fc.property(fc.dictionary(key, fc.oneof(key, fc.jsonValue())), (value) => {
    for (const indent of [undefined, 2]) {
      const json = JSON.stringify(value, undefined, indent)
      const shown = printableJson(json)
      if (STEERING.test(shown.replaceAll('\n', '')) || JSON.stringify(JSON.parse(shown)) !== JSON.stringify(value))
        return false
    }
    return true
  }))
  t.equal(printableJson('{"a":"\u{E0041}\u009B"}\n'), '{"a":"\\udb40\\udc41\\u009b"}\n')
})
