import fc from 'fast-check'
import t from 'tap'
import { Ring } from '../../../simulate/world/ring.ts'
import { TimeHeap } from '../../../simulate/world/time-heap.ts'

t.test('a heap gives the earliest first', async () => {
  fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 })), { maxLength: 400 }), (steps) => {
    const heap = new TimeHeap()
    const model: number[] = []
    for (const time of steps) {
      if (time === null && model.length > 0) {
        model.sort((a, b) => a - b)
        if (heap.earliest !== model[0] || heap.pop() !== model.shift()) return false
      } else {
        heap.push(time ?? 7, time ?? 7)
        model.push(time ?? 7)
      }
    }
    return heap.size === model.length
  }))
})

t.test('a ring gives from either end', async () => {
  fc.assert(fc.property(
    fc.array(fc.constantFrom('push', 'push', 'push', 'shift', 'pop'), { minLength: 300, maxLength: 600 }),
    (steps) => {
      const ring = new Ring()
      const model: number[] = []
      for (const [index, step] of steps.entries()) {
        if (step === 'push' || model.length === 0) {
          ring.push(index)
          model.push(index)
        } else if (ring.first !== model[0] || ring[step as 'shift' | 'pop']() !== model[step as 'shift' | 'pop']()) {
          return false
        }
      }
      return ring.size === model.length
    }
  ))
})
