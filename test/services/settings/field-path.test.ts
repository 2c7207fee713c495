import fc from 'fast-check'
import t from 'tap'
import { fieldOf, joined, readPath } from '../../../services/settings/field-path.ts'

const PATHS: [names: string[], path: string][] = [
  [['backpressure', 'mode'], 'backpressure.mode'],
  [['quotas', 'eu.acme', 'burst'], 'quotas."eu.acme".burst'],
  [['a=b'], '"a=b"'],
  [['a "b"'], '"a \\"b\\""'],
  [['\n'], '"\\n"'],
  [[''], '""'],
  [['Zürich-7_x', '__proto__'], 'Zürich-7_x.__proto__']
]

t.test('a name that would be ambiguous has quotes', async (t) => {
  for (const [names, path] of PATHS) {
    t.equal(names.reduce(fieldOf, ''), path)
    t.strictSame(readPath(path), { names, length: path.length }, path)
  }
  t.equal(joined('quotas', 'organizations."a.b"'), 'quotas.organizations."a.b"')
  t.equal(joined('', 'mode'), 'mode')
})

t.test('names of any characters come back from their path, whatever follows', async (t) => {
  const names = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 })
  t.doesNotThrow(() => fc.assert(fc.property(names, (names) => {
    const path = names.reduce(fieldOf, '')
    t.strictSame(readPath(`${path}=x."y`), { names, length: path.length })
  })))
})

t.test('two documents have no path in common that leads to different members', async (t) => {
  t.not(['a', 'b.c'].reduce(fieldOf, ''), ['a', 'b', 'c'].reduce(fieldOf, ''))
  t.not(['a', 'b"."c'].reduce(fieldOf, ''), ['a', 'b', 'c'].reduce(fieldOf, ''))
})

t.test('a path ends at an equals sign, and is none with an empty name or an open quote', async (t) => {
  t.strictSame(readPath('a.b=c'), { names: ['a', 'b'], length: 3 })
  t.strictSame(readPath('a b.c'), { names: ['a b', 'c'], length: 5 }, 'bare names may have spaces')
  t.strictSame(readPath('a"b"'), { names: ['a'], length: 1 }, 'the caller expects the end or an equals sign')
  for (const text of ['', '=1', '.a', 'a.', 'a..b', 'a."b', 'a."\\x"', 'a.=1']) t.equal(readPath(text), undefined, text)
})
