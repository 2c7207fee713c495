import fc from 'fast-check'
import t from 'tap'
import { leavesOf, mergePatch, withoutEmpty } from '../../../services/settings/merge-patch.ts'

t.test('merges as the examples of RFC 7396 do', async (t) => {
  const table: [document: unknown, patch: unknown, result: unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }]
  ]
  for (const [document, patch, result] of table)
    t.strictSame(mergePatch(document, patch), result, JSON.stringify(patch))
})

t.test('a patch merges once: the same patch changes nothing more, and no prototype', async (t) => {
  const document = fc.object({ maxDepth: 3, values: [fc.integer(), fc.string(), fc.constant(null)] })
  t.doesNotThrow(() => fc.assert(fc.property(document, document, (one, patch) => {
    const once = mergePatch(one, patch)
    t.strictSame(mergePatch(once, patch), once)
  })))
  const patched = mergePatch({}, JSON.parse('{"__proto__": {"isAdmin": true}}')) as { isAdmin?: boolean }
  t.strictSame([patched.isAdmin, Object.keys(patched)], [undefined, ['__proto__']])
  t.equal(({} as { isAdmin?: boolean }).isAdmin, undefined)
})

t.test('equal settings have equal texts, and each value has a path', async (t) => {
  t.strictSame(withoutEmpty({ a: { b: {}, c: 1 }, d: { e: { f: {} } }, g: [] }), { a: { c: 1 }, g: [] })
  t.strictSame([...leavesOf({ a: { b: 1, c: null }, d: {}, e: [2] })], [['a.b', 1], ['a.c', null], ['e', [2]]])
})
