import t from 'tap'
import { producerOf, type KeyRecord } from '../../../services/producer/key.ts'
import { covers } from '../../../services/producer/producer.ts'
import { makeKey } from './setup.ts'

t.test('a producer covers what it was before if it has lost no right', async (t) => {
  const { record } = makeKey({ scopes: ['ingest'], bestPriority: 5, types: ['a', 'b'] })
  const before = producerOf(record)
  const cases: [change: Partial<KeyRecord>, isCovered: boolean][] = [
    [{}, true],
    [{ name: 'another' }, true],
    [{ scopes: ['ingest', 'read'] }, true],
    [{ bestPriority: 4 }, true],
    [{ types: ['b', 'a', 'c'] }, true],
    [{ types: undefined } as never, true],
    [{ id: 'another' }, false],
    [{ organizationId: 'other' }, false],
    [{ organizationId: undefined } as never, false],
    [{ scopes: ['read'] }, false],
    [{ bestPriority: 6 }, false],
    [{ types: ['a'] }, false]
  ]
  for (const [change, isCovered] of cases) {
    t.equal(covers(producerOf({ ...record, ...change }), before), isCovered, JSON.stringify(change))
  }
  t.notOk(covers(before, producerOf({ ...record, types: undefined } as never)), 'it could post all types')
})
