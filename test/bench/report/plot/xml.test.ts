import t from 'tap'
import fc from 'fast-check'
import { escapeXml } from '../../../../bench/report/plot/xml.ts'

t.test('escapes what is markup, and replaces what XML has no place for', async (t) => {
  t.equal(escapeXml(`<a href="x">'&amp;'</a>`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;')
  t.equal(escapeXml('a\u0000b\u001bc\ud800d\ufffee'), 'a\ufffdb\ufffdc\ufffdd\ufffde')
  t.equal(escapeXml('µs, ≥ 2\n\t日本 🌊'), 'µs, ≥ 2\n\t日本 🌊')
})

t.test('leaves nothing that opens or closes an element or an attribute', async () => {
  fc.assert(fc.property(
    fc.string({ unit: fc.constantFrom(...'<>"\'&;a#', '\u0000', '\ud83c', '\udf0a') }),
    (text) => !/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/.test(escapeXml(text))
  ))
})
