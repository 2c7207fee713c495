import fc from 'fast-check'
import t from 'tap'
import { attributePriority, headerPriority, headerType, isBinaryCloudEvent } from '../../../services/intake/priority-header.ts'

t.test('reads a priority, nothing, or something wrong', async (t) => {
  const table: [value: string | string[] | undefined, priority: number | undefined][] = [
    [undefined, undefined],
    ['1', 1], ['5', 5], ['10', 10], ['01', 1], ['09', 9],
    ['0', NaN], ['00', NaN], ['11', NaN], ['99', NaN], ['100', NaN], ['001', NaN],
    ['', NaN], [' 1', NaN], ['1 ', NaN], ['+1', NaN], ['-1', NaN], ['1.0', NaN], ['1e0', NaN], ['0x1', NaN], ['one', NaN], ['١', NaN], ['1, 2', NaN], [['1'], NaN]
  ]
  for (const [value, priority] of table) t.ok(Object.is(headerPriority({ 'x-event-priority': value }), priority), JSON.stringify(value))
})

t.test('never answers a number outside 1 to 10', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.oneof(fc.string(), fc.integer().map(String)), (value) => {
    const priority = headerPriority({ 'x-event-priority': value })
    return Number.isNaN(priority) || (Number.isInteger(priority) && priority as number >= 1 && priority as number <= 10)
  })))
})

t.test('reads another header by its name', async (t) => {
  for (const value of ['7', '"7"', '%37']) {
    t.equal(attributePriority({ 'x-event-priority': '1', 'ce-priority': value }), 7, value)
  }
})

t.test('reads a type that is there and not empty', async (t) => {
  t.equal(headerType({ 'x-event-type': 'alarm' }), 'alarm')
  for (const value of ['', undefined, ['a', 'b']]) t.equal(headerType({ 'x-event-type': value }), undefined)
})

t.test('knows a binary CloudEvent by its version', async (t) => {
  t.ok(isBinaryCloudEvent({ 'ce-specversion': '1.0' }))
  t.notOk(isBinaryCloudEvent({ 'ce-id': '1', 'ce-type': 'x' }))
})
