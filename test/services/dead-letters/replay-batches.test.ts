import fc from 'fast-check'
import t from 'tap'
import { replayBatches } from '../../../services/dead-letters/replay-batches.ts'
import { deadLetterOf } from './setup.ts'

t.test('every dead letter is in one batch, with dead letters of its own priority, within the bounds', async () => {
  fc.assert(fc.property(
    fc.array(fc.record({ priority: fc.integer({ min: 1, max: 10 }), size: fc.nat({ max: 300 }) })),
    fc.integer({ min: 1, max: 8 }),
    (items, most) => {
      const deadLetters = items.map(({ priority, size }, index) => ({
        id: `d${index}`,
        ...deadLetterOf(`e${index}`, { priority, payload: 'x'.repeat(size) }),
        diedAt: '',
        receivedAt: ''
      }))
      const batches = replayBatches(deadLetters, { events: most, bytes: 500 })
      const ids = batches.flatMap(({ deadLetterIds }) => deadLetterIds)
      if (ids.length !== deadLetters.length || new Set(ids).size !== ids.length) throw new Error('lost or doubled')
      for (const { batch, deadLetterIds } of batches) {
        if (batch.priority !== 10 || new Set(batch.events.map(({ priority }) => priority)).size !== 1)
          throw new Error('mixed')
        if (batch.events.length > most || deadLetterIds.length !== batch.events.length) throw new Error('too many')
        if (JSON.stringify(batch.events.slice(0, -1)).length > 500 + batch.events.length + 2)
          throw new Error('too large')
        if (batch.events.some(({ id }, index) => `d${id.slice(1)}` !== deadLetterIds[index]))
          throw new Error('mismatched')
        if (batch.events.some((event) => 'attempt' in event) || batch.keys !== undefined) throw new Error('not anew')
      }
    }
  ))
})
