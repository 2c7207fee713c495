import fc from 'fast-check'
import t from 'tap'
import { priorityClass } from '../../../services/admission/priority-class.ts'
import { isRetryRank, LAST_RANK, rankOf } from '../../../services/queue/rank.ts'

t.test('each class has its first tries in their order, then its retries; replayed dead letters come last', async (t) => {
  const first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((priority) => rankOf(priority))
  const retries = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((priority) => rankOf(priority, 'retry'))
  t.strictSame(first, [1, 3, 4, 5, 6, 8, 9, 10, 11, 12])
  t.strictSame(retries, [2, 7, 7, 7, 7, 13, 13, 13, 13, 13])
  t.strictSame([1, 5, 10].map((priority) => rankOf(priority, 'replay')), [14, 14, 14])
  t.equal(LAST_RANK, 14)
  t.strictSame(Array.from({ length: 15 }, (_, rank) => rank).filter(isRetryRank), [2, 7, 13])
})

t.test('a retry waits behind every first try of its class, and before every event of a worse class', async (t) => {
  const priority = fc.integer({ min: 1, max: 10 })
  t.doesNotThrow(() => fc.assert(fc.property(priority, priority, (one, other) => {
    const order =
      ['critical', 'normal', 'low'].indexOf(priorityClass(one)) -
      ['critical', 'normal', 'low'].indexOf(priorityClass(other))
    return order === 0
      ? rankOf(one) < rankOf(other, 'retry')
      : Math.sign(rankOf(one, 'retry') - rankOf(other)) === Math.sign(order)
  })))
})
