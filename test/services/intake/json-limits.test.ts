import fc from 'fast-check'
import t from 'tap'
import { exceededLimit, MAX_NESTING, MOST_NAMES, MOST_OBJECTS, nameHash } from '../../../services/intake/json-limits.ts'

t.test('counts levels and different names, and nothing within texts', async (t) => {
  const pad = ' '.repeat(5 * MOST_NAMES)
  const names = (count: number) => `{${Array.from({ length: count }, (_, index) => `"name ${index}":1`).join(',')}}`
  const table: [claim: string, json: string, exceeds: RegExp | undefined][] = [
    ['as many names as may be', names(MOST_NAMES), undefined],
    ['a tenth more', names(MOST_NAMES * 1.1), /more than 20000 different names/],
    [
      'the shortest names',
      `{${Array.from({ length: 40_000 }, (_, index) => `"${index.toString(36)}":1`).join(',')}}`,
      /different names/
    ],
    ['names that come again', `[${`${names(5)},`.repeat(MOST_NAMES)}0]`, undefined],
    [
      'names in objects of their own',
      `[${Array.from({ length: 30_000 }, (_, index) => `{"n${index}":1}`).join(',')}]`,
      /different names/
    ],
    ['as many objects as may be', `[${'{},'.repeat(MOST_OBJECTS - 1)}0]`, undefined],
    ['one more', `[${'[],'.repeat(MOST_OBJECTS)}0]`, /more than 100000 objects and arrays/],
    ['numbers', `[${'1,'.repeat(500_000)}0]`, undefined],
    ['texts', `[${Array.from({ length: 50_000 }, (_, index) => `"${index}:"`).join(',')}]`, undefined],
    ['brackets in a text', `"${'[{:'.repeat(100_000)}"`, undefined],
    ['quotes in a text', `["${'\\"['.repeat(100_000)}"]`, undefined],
    ['deep and short', '['.repeat(MAX_NESTING + 1), /deeper/],
    ['deep and long', `${'['.repeat(MAX_NESTING + 1)}${pad}`, /deeper/],
    ['as deep as may be', `${'['.repeat(MAX_NESTING)}${']'.repeat(MAX_NESTING)}${pad}`, undefined]
  ]
  for (const [claim, json, exceeds] of table) {
    if (exceeds === undefined) t.equal(exceededLimit(json), undefined, claim)
    else t.match(exceededLimit(json), exceeds, claim)
  }
})

t.test('comes to an end on any text', async (t) => {
  const unit = fc.constantFrom('[', '{', ']', '}', '"', '\\', ':', 'a')
  t.doesNotThrow(() => fc.assert(fc.property(fc.string({ unit, minLength: 200, maxLength: 600 }), (text) => {
    const found = exceededLimit(text)
    return found === undefined || found.length > 0
  })))
})

t.test('whatever the secret factor is, different names have different places', async (t) => {
  const PLACES = 2 ** 18
  const COUNT = 22_000
  for (let run = 0; run < 300; run++) {
    const factor = Math.floor(2 ** 30 + (run / 300) * 2 ** 30) | 1
    const places = new Set<number>()
    for (let index = 0; index < COUNT; index++) {
      const name = `"name ${index}"`
      places.add(nameHash(name, 0, name.length, factor) >>> 14)
    }
    // Thrown at random, so many names leave this many places used.
    const expected = PLACES * (1 - Math.exp(-COUNT / PLACES))
    if (places.size < 0.97 * expected) t.fail(`${factor}: ${places.size} of ${COUNT} names`)
  }
  t.pass()
})
