import fc from 'fast-check'
import t from 'tap'
import { OPERATORS } from '../../../services/rules/expression.ts'
import { compileTemplate } from '../../../services/rules/template.ts'

const DATA = { id: 'e1', payload: { t: 91, tags: ['a', 'b'] } }

t.test('computes expressions at any depth and leaves the rest as it is', async (t) => {
  const table: [template: unknown, value: unknown][] = [
    ['literal', 'literal'],
    [null, null],
    [{ var: 'id' }, 'e1'],
    [{}, {}],
    [[], []],
    [{ a: { b: [{ c: { var: 'payload.t' } }, 1, { var: 'id' }] } }, { a: { b: [{ c: 91 }, 1, 'e1'] } }],
    [{ var: 'id', other: 1 }, { var: 'id', other: 1 }],
    [{ unknown: { var: 'id' } }, { unknown: 'e1' }],
    [{ all: { var: 'payload' }, n: { length: { var: 'payload.tags' } } }, { all: DATA.payload, n: 2 }],
    [{ preserve: { var: 'id' } }, { var: 'id' }]
  ]
  for (const [template, value] of table)
    t.strictSame(compileTemplate(template, 'payload', (path) => t.fail(path))(DATA), value, JSON.stringify(template))
})

t.test('keeps a field named __proto__ a field', async (t) => {
  const value = compileTemplate(
    JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
    'payload',
    (path) => t.fail(path)
  )({})
  t.equal(JSON.stringify(value), '{"__proto__":{"polluted":true},"a":1}')
  t.notOk('polluted' in (value as object))
})

t.test('finds wrong expressions at any depth', async (t) => {
  const problems: string[] = []
  compileTemplate(
    { a: [{ b: { if: [{ nope: 1 }, 2] } }], 'c-d': { '>': 1 } },
    'payload',
    (path, problem) => problems.push(`${path}: ${problem}`)
  )
  t.strictSame(problems, [
    'payload.a[0].b.if[0].nope: unknown operator',
    'payload["c-d"][">"]: expected a list of at least 2 arguments'
  ])
})

t.test('gives back any JSON without operators as it is', async () => {
  const hasOperator = (value: unknown): boolean => typeof value === 'object' && value !== null &&
    (Object.keys(value).some((key) => OPERATORS.has(key)) || Object.values(value).some(hasOperator))
  fc.assert(fc.property(fc.json(), (text) => {
    const value: unknown = JSON.parse(text)
    fc.pre(!hasOperator(value))
    return JSON.stringify(compileTemplate(value, 'payload', () => {})({})) === JSON.stringify(value)
  }))
})
