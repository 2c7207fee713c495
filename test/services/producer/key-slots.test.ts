import t from 'tap'
import fc from 'fast-check'
import { KeySlots } from '../../../services/producer/key-slots.ts'

t.test('a key has at most its slots, whatever others take', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()))
  fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), steps, (most, steps) => {
    const slots = new KeySlots(most)
    const taken = new Map<string, number>()
    for (const [id, isTaking] of steps) {
      const held = taken.get(id) ?? 0
      if (isTaking) {
        if (slots.take(id) !== held < most) return false
        if (held < most) taken.set(id, held + 1)
      } else if (held > 0) {
        slots.give(id)
        taken.set(id, held - 1)
      }
    }
    return slots.keys === [...taken.values()].filter((held) => held > 0).length
  }))
})
