import fc from 'fast-check'
import t from 'tap'
import { attributeText } from '../../../services/event/attribute-header.ts'

/** Text as Node gives the bytes of a header. */
const bytes = (text: string) => Buffer.from(text).toString('latin1')

t.test('quotes come off first, then one round of percent-encoding', async (t) => {
  const table: [header: string, text: string][] = [
    ['plain', 'plain'],
    ['', ''],
    ['a b', 'a b'],
    ['"quoted"', 'quoted'],
    ['""', ''],
    ['"a \\"b\\" c"', 'a "b" c'],
    ['"back\\\\slash"', 'back\\slash'],
    ['"\\a"', 'a'],
    ['"a%20b"', 'a b'],
    ['"%22"', '"'],
    ['%22still quoted%22', '"still quoted"'],
    ['"a\\%20b"', 'a b'],
    [bytes('"Euro € 😀"'), 'Euro € 😀'],
    [bytes('Euro € 😀'), 'Euro € 😀'],
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    [bytes('€ %E2%82%AC'), '€ €'],
    ['%2525', '%25'],
    ['100%', '100%'],
    ['%zz%4', '%zz%4'],
    ['%41%5a', 'AZ'],
    // No quoted-string: the quote stands for itself.
    ['"open', '"open'],
    ['open"', 'open"'],
    ['"', '"'],
    ['"a"b"', '"a"b"'],
    ['"a" "b"', '"a" "b"'],
    ['"a\\"', '"a\\"'],
    ['say "hi"', 'say "hi"'],
    ['back\\slash', 'back\\slash']
  ]
  for (const [header, text] of table) t.equal(attributeText(header), text, header)
})

t.test('bytes that are not UTF-8 make text that is ill-formed, encoded, quoted or raw', async (t) => {
  // An overlong space is the example of the specification.
  for (const cut of ['%C0%A0', '%FF', '%ED%A0%80', '%E2%82', '%80', '\xff', '\xc3']) {
    for (const header of [cut, `"${cut}"`, `a${cut}b`])
      t.notOk(attributeText(header).isWellFormed(), JSON.stringify(header))
  }
})

t.test('what a sender encodes as the specification says is read as it was', async (t) => {
  const encode = (text: string) => text.replace(/[^\x21-\x7e]|["%]/gu, (character) => encodeURIComponent(character))
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => attributeText(encode(text)) === text))
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) =>
    attributeText(bytes(`"${text.replace(/["\\]/g, '\\$&').replaceAll('%', '%25')}"`)) === text))
  t.pass()
})
