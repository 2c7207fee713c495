import t from 'tap'
import { BYTES_PER_ID, IdLife, LEAST_LIFE_MS } from '../../../services/queue/id-life.ts'
import { newBatch } from '../../../services/queue/batch.ts'
import { eventsOf, startQueue } from './setup.ts'

const MEMORY = { usedBytes: 0, maxBytes: 1_000_000 * BYTES_PER_ID, machineBytes: 0 }
const TTL_MS = 600_000

t.test('ids are remembered for less the nearer they are to the most', async (t) => {
  const table: [ids: number, lifeMs: number][] = [
    [0, TTL_MS],
    [799, TTL_MS],
    [800, TTL_MS],
    [900, TTL_MS / 2],
    [950, TTL_MS / 4],
    [1_000, LEAST_LIFE_MS],
    [9_000, LEAST_LIFE_MS]
  ]
  const life = new IdLife({ ttlMs: TTL_MS, mostIds: 1_000 })
  for (const [ids, lifeMs] of table) {
    life.observe(ids, MEMORY)
    t.equal(life.ms, lifeMs, `${ids} ids`)
    t.equal(life.isShortened, lifeMs < TTL_MS)
  }
})

t.test('the most is a share of what Redis may hold, once it holds much of it, unless it is configured', async (t) => {
  const life = new IdLife({ ttlMs: TTL_MS, mostIds: 0 })
  const full = { ...MEMORY, usedBytes: MEMORY.maxBytes * 0.4 }
  life.observe(160_000, full)
  t.equal(life.ms, TTL_MS)
  life.observe(180_000, full)
  t.equal(life.ms, TTL_MS / 2, 'of 200,000')
  life.observe(180_000, { ...full, usedBytes: full.usedBytes - 1_000 })
  t.equal(life.ms, TTL_MS, 'there is room')
  life.observe(9_000_000, { usedBytes: 0, maxBytes: 0, machineBytes: 0 })
  t.equal(life.ms, TTL_MS)
})

t.test('a life that was configured shorter than the shortest stays', async (t) => {
  const life = new IdLife({ ttlMs: 500, mostIds: 10 })
  life.observe(10, MEMORY)
  t.equal(life.ms, 500)
})

t.test('Redis counts what is remembered, and remembers it for as long as it is told', async (t) => {
  const idLife = new IdLife({ ttlMs: TTL_MS, mostIds: 10 })
  const { queue, connection } = await startQueue(t, undefined, { idempotencyTtlMs: TTL_MS, idLife })
  const add = async (...keys: (string | null)[]) => queue.add(newBatch(5, eventsOf(keys.length), keys))
  await add('a', 'b', null)
  const first = await queue.sample()
  t.equal(first.rememberedIds, 2)
  await add('b', 'c')
  t.equal((await queue.sample()).rememberedIds, 3, 'one that is known is not counted again')
  t.ok(await connection.pttl(queue.keys.seen('a')) > TTL_MS / 2)
  idLife.observe(10, first.memory)
  await add('d')
  t.ok(await connection.pttl(queue.keys.seen('d')) <= LEAST_LIFE_MS)
  const counts = queue.keys.seenCounts
  await connection.hset(counts, '1000', '5')
  t.equal((await queue.sample()).rememberedIds, 4, 'those that were forgotten do not count')
  await connection.del(counts)
  await connection.set(counts, 'damaged')
  t.same(await add('e'), [], 'a count that cannot be read keeps no event out')
  t.equal((await queue.sample()).rememberedIds, 0)
})
