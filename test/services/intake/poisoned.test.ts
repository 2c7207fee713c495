import fc from 'fast-check'
import t from 'tap'
import { isPoisoned } from '../../../services/intake/poisoned.ts'
import { whiteSpace } from '../../json-documents.ts'

t.test('tells names that change a copy, wherever they are and however they are written', async (t) => {
  const table: [json: string, isBad: boolean][] = [
    ['{"__proto__":1}', true],
    ['[{"a":[{"__proto__" :{}}]}]', true],
    ['{"\\u005f_proto__":1}', true],
    ['{"\\u005F\\u005f\\u0070roto\\u005f_":1}', true],
    ['{"constructor":{"prototype":1}}', true],
    ['{"constructor" : \n{"a":{},"prototype":{}}}', true],
    ['{"\\u0063onstructor":{"prot\\u006ftype":{}}}', true],
    ['{"constructor":{"a":1},"b":{"constructor":{"prototype":1}}}', true],
    ['{"constructor":1}', false],
    ['{"constructor":{"a":{"prototype":1}}}', false],
    ['{"constructor":[{"prototype":1}]}', false],
    ['{"constructor":{"a":1},"prototype":1}', false],
    ['{"prototype":{"constructor":1}}', false],
    ['{"a":"constructor","b":{"prototype":1}}', false],
    ['["constructor",{"prototype":1}]', false],
    ['{"a":"__proto__"}', false],
    ['"__proto__"', false],
    ['["__proto__"]', false],
    ['{"constructor":{}}', false]
  ]
  for (const [json, isBad] of table) t.equal(isPoisoned(json), isBad, json)
})

t.test('agrees with a look at the value', async (t) => {
  const name = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '')
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 },
      fc.constantFrom('1', '"__proto__"', '"constructor"', '{}', '[]'),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc.uniqueArray(fc.tuple(name, tie('value')), { selector: ([name]) => name, maxLength: 3 })
        .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`))
  }))
  t.doesNotThrow(() => fc.assert(fc.property(value, whiteSpace, (json, space) => {
    const spaced = json.replaceAll(':', `${space}:${space}`)
    return isPoisoned(spaced) === isBad(JSON.parse(json))
  }), { numRuns: 3_000 }))
})

function isBad (value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.hasOwn(value, '__proto__')) return true
  const constructor = Object.hasOwn(value, 'constructor') ? value.constructor as unknown : undefined
  if (typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')) return true
  return Object.values(value).some(isBad)
}
