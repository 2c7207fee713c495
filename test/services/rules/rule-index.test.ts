import fc from 'fast-check'
import t from 'tap'
import type { Rule } from '../../../services/rules/parse-rules.ts'
import { indexRules } from '../../../services/rules/rule-index.ts'

const rule = (id: string, ...types: string[]): Rule => ({
  id,
  types: types.length === 0 ? undefined : new Set(types),
  matches: () => true,
  steps: []
})

t.test('finds the rules of a type and those of any, in the order of the file', async (t) => {
  const rulesFor = indexRules([rule('a', 'x'), rule('b'), rule('c', 'y', 'x'), rule('d', 'y')])
  const cases: [type: string, ids: string][] = [['x', 'a b c'], ['y', 'b c d'], ['z', 'b'], ['constructor', 'b'], [
    '',
    'b'
  ]]
  for (const [type, ids] of cases) t.equal(rulesFor(type).map(({ id }) => id).join(' '), ids, type)
  t.strictSame(indexRules([])('x'), [])
})

t.test('finds what a look at every rule finds', async () => {
  const type = fc.constantFrom('x', 'y', 'z')
  fc.assert(fc.property(
    fc.array(fc.option(fc.uniqueArray(type, { minLength: 1 }), { nil: [] })),
    fc.constantFrom('x', 'y', 'z', 'none'),
    (typesOfRules, asked) => {
      const rules = typesOfRules.map((types, index) => rule(`${index}`, ...types))
      const found = indexRules(rules)(asked)
      return JSON.stringify(found) ===
        JSON.stringify(rules.filter(({ types }) => types === undefined || types.has(asked)))
    }
  ))
})
