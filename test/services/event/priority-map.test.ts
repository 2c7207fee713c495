import fc from 'fast-check'
import t from 'tap'
import { PriorityMap } from '../../../services/event/priority-map.ts'

const ofType = (map: PriorityMap, type: string) => map.resolve({ header: undefined, own: undefined, type })

t.test('answers the priority of a type, or the default', async (t) => {
  const map = new PriorityMap({ alarm: 1, report: 10 }, 5)
  t.strictSame(['alarm', 'report', 'Alarm', '', 'x'].map((type) => ofType(map, type)), [1, 10, 5, 5, 5])
})

t.test('knows no type that objects inherit', async (t) => {
  const map = new PriorityMap({}, 5)
  for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) t.equal(ofType(map, type), 5)
})

t.test('answers what it was given, for any types', async (t) => {
  const given = fc.dictionary(fc.string(), fc.integer({ min: 1, max: 10 }))
  t.doesNotThrow(() => fc.assert(fc.property(given, fc.string(), (given, other) => {
    const map = new PriorityMap(given, 5)
    return Object.entries(given).every(([type, priority]) => ofType(map, type) === priority) &&
      (Object.hasOwn(given, other) || ofType(map, other) === 5)
  })))
})

t.test('the header wins over the event, the event over its type, and without any of them nothing is known', async (t) => {
  const map = new PriorityMap({ alarm: 1 }, 5)
  const table: [
    header: number | undefined,
    own: number | undefined,
    type: string | undefined,
    priority: number | undefined
  ][] = [
    [2, 3, 'alarm', 2],
    [undefined, 3, 'alarm', 3],
    [undefined, undefined, 'alarm', 1],
    [undefined, undefined, 'x', 5],
    [2, undefined, undefined, 2],
    [undefined, 3, undefined, 3],
    [undefined, undefined, undefined, undefined]
  ]
  for (const [header, own, type, priority] of table) t.equal(map.resolve({ header, own, type }), priority)
})
