import fc from 'fast-check'
import t from 'tap'
import { PriorityMap } from '../../../services/event/priority-map.ts'

t.test('answers the priority of a type, or the default', async (t) => {
  const map = new PriorityMap({ alarm: 1, report: 10 }, 5)
  t.strictSame(['alarm', 'report', 'Alarm', '', 'x'].map((type) => map.priorityOf(type)), [1, 10, 5, 5, 5])
})

t.test('knows no type that objects inherit', async (t) => {
  const map = new PriorityMap({}, 5)
  for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) t.equal(map.priorityOf(type), 5)
})

t.test('answers what it was given, for any types', async (t) => {
  const given = fc.dictionary(fc.string(), fc.integer({ min: 1, max: 10 }))
  t.doesNotThrow(() => fc.assert(fc.property(given, fc.string(), (given, other) => {
    const map = new PriorityMap(given, 5)
    return Object.entries(given).every(([type, priority]) => map.priorityOf(type) === priority) &&
      (Object.hasOwn(given, other) || map.priorityOf(other) === 5)
  })))
})
