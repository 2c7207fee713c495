import fc from 'fast-check'
import t from 'tap'
import { compilePayloadTemplate } from '../../../services/rules/payload-template.ts'
import { jsonText } from '../../json-documents.ts'

const render = (template: unknown, payloadText: string | undefined) => {
  const payload: unknown = payloadText === undefined ? undefined : JSON.parse(payloadText)
  return compilePayloadTemplate(template, 'payload', (path) => t.fail(path))(
    { id: 'e1', payload }, { payload, ...(payloadText !== undefined && { payloadText }) }
  )
}

t.test('the whole payload keeps its text, at any depth; what is computed is written anew', async (t) => {
  const posted = '{ "n":1.0,"n":[12345678901234567890] }'
  const n = 12345678901234567000
  const table: [template: unknown, text: string | undefined][] = [
    [{ var: 'payload' }, posted],
    [{ var: ['payload'] }, posted],
    [{ val: 'payload' }, posted],
    [
      { original: { var: 'payload' }, 'a "name"': [1, { var: 'payload' }, { var: 'id' }] },
      `{"original":${posted},"a \\"name\\"":[1,${posted},"e1"]}`
    ],
    [{ whole: { var: 'payload' }, first: { var: 'payload.n.0' } }, `{"whole":${posted},"first":${n}}`],
    [{ var: 'payload.n' }, undefined],
    [{ preserve: { var: 'payload' } }, undefined],
    [{ merge: [{ var: 'payload' }] }, undefined],
    [{ var: 'payload', more: 1 }, undefined],
    ['payload', undefined]
  ]
  for (const [template, text] of table) t.equal(render(template, posted).payloadText, text, JSON.stringify(template))
  t.strictSame(render({ n: { var: 'payload.n' } }, posted), { payload: { n: [n] } })
})

t.test('of an event without a payload null is passed on', async (t) => {
  t.strictSame(render({ var: 'payload' }, undefined), { payload: null, payloadText: 'null' })
  t.equal(
    render([{ var: 'payload' }, { a: { var: 'payload' }, b: 1 }], undefined).payloadText,
    '[null,{"a":null,"b":1}]'
  )
})

t.test('text and value say the same', async (t) => {
  const template = { original: { var: 'payload' }, list: [{ var: 'payload' }, 2], id: { var: 'id' } }
  t.doesNotThrow(() => fc.assert(fc.property(jsonText, (text) => {
    const { payload, payloadText } = render(template, text.trim())
    return JSON.stringify(JSON.parse(payloadText as string)) === JSON.stringify(payload)
  })))
})
