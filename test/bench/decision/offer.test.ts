import t from 'tap'
import { offersOf } from '../../../bench/decision/offer.ts'

t.test('every organization comes round once, with priorities mixed evenly', async (t) => {
  for (const count of [1, 2, 10, 10_000]) {
    const offers = offersOf(count, 1)
    t.equal(new Set(offers.map(({ organizationId }) => organizationId)).size, count)
  }
  const priorities = offersOf(900, 2).map(({ priority }) => priority)
  for (let priority = 2; priority <= 10; priority++) t.equal(priorities.filter((one) => one === priority).length, 100)
})
