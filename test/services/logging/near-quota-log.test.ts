import t from 'tap'
import { NearQuotaLog } from '../../../services/logging/near-quota-log.ts'

const near = (count: number, prefix = 'o') =>
  Array.from({ length: count }, (_, index) => ({ organizationId: `${prefix}${index}`, share: 0.9 }))

t.test('names an organization once a minute', async (t) => {
  const log = new NearQuotaLog()
  t.strictSame([0, 1_000, 59_999, 60_000, 61_000].map((now) => log.select(near(1), now).length), [1, 0, 0, 1, 0])
})

t.test('names ten at a time, and remembers a bounded number', async (t) => {
  const log = new NearQuotaLog()
  t.equal(log.select(near(25), 0).length, 10)
  t.equal(log.select(near(25), 1).length, 10)
  t.equal(log.select(near(25), 2).length, 5)
  let named = 25
  for (let second = 0; second < 200; second++) named += log.select(near(10, `${second}-`), 3).length
  t.equal(named, 1_000)
})
