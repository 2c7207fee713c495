import fc from 'fast-check'
import t from 'tap'
import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import { MOST_SHARDS, shardOfDigest, ShardTurns } from '../../../services/queue/shard-choice.ts'

const digestOf = (id: string | number) => idempotencyDigest({ id: String(id) }) as string
const DIGESTS = Array.from({ length: 20_000 }, (_, index) => digestOf(index))

t.test('a digest always has the same shard, one of those that there are', async () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: MOST_SHARDS }), (id, shards) => {
    const shard = shardOfDigest(digestOf(id), shards)
    return Number.isInteger(shard) && shard >= 0 && shard < shards && shard === shardOfDigest(digestOf(id), shards)
  }))
})

t.test('a further shard takes digests from others, and all others stay', async () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: MOST_SHARDS - 1 }), (id, shards) => {
    const [before, after] = [shardOfDigest(digestOf(id), shards), shardOfDigest(digestOf(id), shards + 1)]
    return after === before || after === shards
  }))
})

for (const shards of [2, 3, 4, 7, 16, MOST_SHARDS]) {
  t.test(`${shards} shards get about equally many digests`, async (t) => {
    const counts = new Map<number, number>()
    for (const digest of DIGESTS) {
      const shard = shardOfDigest(digest, shards)
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    const expected = DIGESTS.length / shards
    // Six standard deviations of a fair draw.
    const most = 6 * Math.sqrt(expected)
    t.equal(counts.size, shards)
    for (const [shard, count] of counts) t.ok(Math.abs(count - expected) < most, `shard ${shard}: ${count} of ${expected}`)
  })
}

t.test('events without an identity go to the shards in turn, in runs, each priority by itself', async (t) => {
  const turns = new ShardTurns(3)
  const next = (priority: number) => turns.next(priority, 3, () => false)
  t.strictSame(Array.from({ length: 10 }, () => next(5)), [0, 0, 0, 1, 1, 1, 2, 2, 2, 0])
  t.equal(next(1), 0)
})

t.test('turns pass by a shard that is away, and end at any if all are', async (t) => {
  const turns = new ShardTurns(2)
  const next = (...away: number[]) => turns.next(5, 3, (shard) => away.includes(shard))
  t.strictSame([next(), next(0), next(0), next(0), next(0), next(0)], [0, 1, 1, 2, 2, 1])
  t.type(next(0, 1, 2), 'number')
  const fewer = new ShardTurns(1)
  t.strictSame([fewer.next(5, 3, () => false), fewer.next(5, 3, () => false), fewer.next(5, 1, () => false)], [0, 1, 0])
})
