import t from 'tap'
import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import { shardOfDigest } from '../../../services/queue/shard-choice.ts'
import { ShardMap, shardRecordOf } from '../../../services/queue/shard-map.ts'

const digestWhere = (holds: (digest: string) => boolean): string => {
  for (let id = 0; ; id++) {
    const digest = idempotencyDigest({ id: String(id) }) as string
    if (holds(digest)) return digest
  }
}

t.test('the record, read from the control hash, whatever it holds', async (t) => {
  t.equal(shardRecordOf({}), undefined)
  t.equal(shardRecordOf({ shards: 'many' }), undefined)
  t.equal(shardRecordOf({ shards: '0' }), undefined)
  t.equal(shardRecordOf({ shards: '1000' }), undefined)
  t.strictSame(shardRecordOf({ shards: '4' }), { shards: 4, opened: 4, earlier: [] })
  t.strictSame(
    shardRecordOf({ shards: '2', 'shards-opened': '4', 'shards-earlier': '4:900,x:1,1:y,3:800' }),
    { shards: 2, opened: 4, earlier: [{ shards: 4, untilMs: 900 }, { shards: 3, untilMs: 800 }] }
  )
  t.strictSame(shardRecordOf({ shards: '3', 'shards-opened': '-1' }), { shards: 3, opened: 3, earlier: [] })
})

t.test('a digest that has a new shard may be remembered in its old one, until the time is over', async (t) => {
  const map = new ShardMap(2)
  const moved = digestWhere((digest) => shardOfDigest(digest, 3) !== shardOfDigest(digest, 2))
  const stays = digestWhere((digest) => shardOfDigest(digest, 3) === shardOfDigest(digest, 2))
  t.equal(map.hasMoved, false)
  t.strictSame(map.othersOf(moved, shardOfDigest(moved, 2)), [])
  map.follow({ shards: 3, opened: 3, earlier: [{ shards: 2, untilMs: 1_000 }] }, 999)
  t.equal(map.hasMoved, true)
  t.strictSame(map.othersOf(moved, 2), [shardOfDigest(moved, 2)])
  t.strictSame(map.shardsOf(moved), [2, shardOfDigest(moved, 2)])
  t.strictSame(map.othersOf(stays, shardOfDigest(stays, 3)), [])
  t.strictSame(map.othersOf(moved, shardOfDigest(moved, 2)), [2], 'a batch from the spool has the old one')
  map.follow({ shards: 3, opened: 3, earlier: [{ shards: 2, untilMs: 1_000 }] }, 1_000)
  t.equal(map.hasMoved, false)
  t.strictSame(map.othersOf(moved, 2), [])
})

t.test('a shard is avoided while it is away, and after a failed write until the next reading', async (t) => {
  const map = new ShardMap(3)
  map.observe([1], [5, 6, 7])
  t.strictSame([0, 1, 2].map(map.isAvoided), [false, true, false])
  map.suspect(2)
  t.strictSame([0, 1, 2].map(map.isAvoided), [false, true, true])
  t.equal(map.isAway(2), false, 'only a reading tells')
  map.observe([], [5, 6, 7])
  t.strictSame([0, 1, 2].map(map.isAvoided), [false, false, false])
  t.equal(map.depthBeside(1), 12)
  const single = new ShardMap(1)
  single.suspect(0)
  t.equal(single.isAvoided(0), false, 'a single one is known by its readings')
})

t.test('a removed shard takes part in the room until nothing of it is left', async (t) => {
  const map = new ShardMap()
  map.follow({ shards: 2, opened: 4, earlier: [] }, 0)
  map.observe([], [0, 0, 0, 9])
  t.equal(map.sharing, 4)
  map.observe([], [9, 9, 0, 0])
  t.equal(map.sharing, 2)
})
