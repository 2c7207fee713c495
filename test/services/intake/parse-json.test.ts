import fc from 'fast-check'
import t from 'tap'
import { MAX_NESTING } from '../../../services/intake/json-limits.ts'
import { parseJson } from '../../../services/intake/parse-json.ts'

t.test('what it takes can stand in the middle of other JSON', async (t) => {
  const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
  const mark = fc.constantFrom('', '\ufeff')
  t.doesNotThrow(() =>
    fc.assert(fc.property(mark, space, fc.json(), space, (mark, before, json, after) => {
      const parsed = parseJson(Buffer.from(`${mark}${before}${json}${after}`))
      if (!parsed.ok) return /__proto__|constructor/.test(json)
      const [around] = JSON.parse(`[${parsed.text},1]`)
      return JSON.stringify(around) === JSON.stringify(JSON.parse(json)) &&
        JSON.stringify(parsed.value) === JSON.stringify(around)
    }))
  )
})

t.test('refuses what would change who copies it, however it is written', async (t) => {
  for (
    const json of [
      '{"__proto__":1}',
      '{"a":[{"__proto__":{}}]}',
      '{"\\u005f_proto__":1}',
      '{"constructor":{"prototype":1}}',
      '{"\\u0063onstructor":{"prototype":{}}}',
      '\ufeff{"__proto__":1}'
    ]
  ) {
    t.match(parseJson(json), { ok: false, message: /forbidden/ }, json)
  }
  for (const json of ['{"a":"__proto__"}', '{"constructor":1}', '{"a":"\\u00e9"}', '"constructor"'])
    t.match(parseJson(json), { ok: true, value: JSON.parse(json) }, json)
})

t.test('refuses what is not UTF-8, not JSON or nested too deep', async (t) => {
  t.match(parseJson(Buffer.from([0x22, 0xff, 0x22])), { ok: false, message: 'not UTF-8' })
  for (const json of ['', '{', '[1,]', '1 2', '\ufeff\ufeff1'])
    t.match(parseJson(json), { ok: false, message: /./ }, json)
  for (const [open, close] of [['[', ']'], ['{"a":', '}']] as const) {
    const nested = (levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`
    t.match(parseJson(nested(MAX_NESTING)), { ok: true }, open)
    t.match(parseJson(nested(MAX_NESTING + 1)), { ok: false, message: /nested deeper/ }, open)
  }
  t.match(parseJson(`[${'[],'.repeat(MAX_NESTING * 2)}1]`), { ok: true }, 'many brackets side by side are not deep')
})
