import t, { type Test } from 'tap'
import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import { newBatch, parseBatchId } from '../../../services/queue/batch.ts'
import { shardOfDigest } from '../../../services/queue/shard-choice.ts'
import type { Member } from '../../../services/fleet/member.ts'
import { ShardMap } from '../../../services/queue/shard-map.ts'
import type { Shards } from '../../../services/queue/shards.ts'
import { eventually } from '../../../rig/eventually.ts'
import type { RedisProcess } from '../../../rig/redis.ts'
import { batchOf, byPriority, eventsOf, startQueue, type QueueForTest } from './setup.ts'

const TTL_MS = 3_600_000

interface Replica extends QueueForTest {
  readonly sample: () => ReturnType<Shards['sample']>
}

/** A process with this QUEUE_SHARDS, which announces itself with each reading. */
async function startReplica (t: Test, id: string, queueShards: number, redis?: RedisProcess): Promise<Replica> {
  const started = await startQueue(t, redis, { map: new ShardMap(), queueShards, idempotencyTtlMs: TTL_MS })
  const member: Member = {
    id, role: 'all', host: 'test', pid: 1, version: '1', startedAt: new Date(0).toISOString(), circuitState: 'CLOSED',
    settingsVersion: 0, queueShards
  }
  return { ...started, sample: () => started.queue.sample({ announcement: { member, isNews: true } }) }
}

/** Reads until both know this many shards. */
async function agree (replicas: readonly Replica[], shards: number): Promise<void> {
  await eventually(`all know ${shards} shards`, async () => {
    for (const { sample } of replicas) await sample()
    return replicas.every(({ queue }) => queue.map.shards === shards)
  })
}

const digestOf = (id: string) => idempotencyDigest({ id }) as string
const eventOf = (id: string) => ({ ...eventsOf(1)[0]!, id })

/** An id whose shard changes from the one number of shards to the other. */
function movedId (from: number, to: number): string {
  for (let number = 0; ; number++) {
    const id = `moved-${number}`
    if (shardOfDigest(digestOf(id), from) !== shardOfDigest(digestOf(id), to)) return id
  }
}

/** Adds a batch as a process does that knows this many shards now. */
async function addKeyed (queue: Shards, ids: readonly (string | undefined)[]) {
  const keys = ids.map((id) => id === undefined ? null : digestOf(id))
  const shard = queue.shardOf(keys.find((key) => key !== null) ?? undefined, { priority: 5 })
  const batch = newBatch(5, ids.map((id, index) => eventOf(id ?? `without-${index}`)), keys, undefined, shard)
  return { batch, repeats: await queue.add(batch) }
}

t.test('the highest number of all processes counts, and a process that restarts in between changes nothing', async (t) => {
  const one = await startReplica(t, 'one', 1)
  await one.sample()
  t.equal(one.queue.map.shards, 1)
  t.notOk(await one.connection.hexists(one.queue.keys.control, 'shards'), 'a single shard needs no record')
  const three = await startReplica(t, 'three', 3, one.redis)
  await agree([one, three], 3)
  const late = await startReplica(t, 'late', 1, one.redis)
  await agree([one, three, late], 3)
  await three.queue.removeMember('three')
  await agree([one, late], 1)
})

t.test('an event that another shard remembers is not added again, and the others of its batch are', async (t) => {
  const one = await startReplica(t, 'one', 2)
  await agree([one], 2)
  const id = movedId(2, 3)
  t.strictSame((await addKeyed(one.queue, [id])).repeats, [])
  const three = await startReplica(t, 'three', 3, one.redis)
  await agree([one, three], 3)
  const { batch, repeats } = await addKeyed(three.queue, [id, undefined])
  t.equal(parseBatchId(batch.id)?.shard, shardOfDigest(digestOf(id), 3))
  t.match(repeats, [{ index: 0, id }])
  t.match(await three.queue.remembered([digestOf(id)]), { id }, 'receipts find it')
  t.strictSame((await three.sample()).depthByPriority, byPriority({ 5: 2 }))
  t.match(await three.queue.add(batch), [{ index: 0, id }], 'a second try of the same add finds the same')
  t.strictSame((await three.sample()).depthByPriority, byPriority({ 5: 2 }))
  t.match(await three.queue.trace(batch.id), { state: 'void', moves: [[String, [1]]] })
})

t.test('a spooled batch of an earlier shard knows what its new shard has stored, and merged ones too', async (t) => {
  const one = await startReplica(t, 'one', 2)
  await agree([one], 2)
  const id = movedId(2, 3)
  const spooled = newBatch(5, [eventOf(id)], [digestOf(id)], undefined, one.queue.shardOf(digestOf(id), { priority: 5 }))
  const shard = parseBatchId(spooled.id)!.shard
  const beside = newBatch(5, [eventOf('beside')], [digestOf('beside')], undefined, shard)
  const three = await startReplica(t, 'three', 3, one.redis)
  await agree([three], 3)
  t.strictSame((await addKeyed(three.queue, [id])).repeats, [])
  await three.queue.addMerged([spooled, beside])
  t.strictSame((await three.sample()).depthByPriority, byPriority({ 5: 2 }))
  await three.queue.addMerged([spooled, beside])
  await three.queue.addMerged([spooled])
  t.strictSame((await three.sample()).depthByPriority, byPriority({ 5: 2 }), 'however often it is drained')
})

t.test('a removed shard is read until nothing of it is left, and then no more', async (t) => {
  const one = await startReplica(t, 'one', 1)
  const three = await startReplica(t, 'three', 3, one.redis)
  await agree([one, three], 3)
  const left = batchOf(2, 5, 2)
  await three.queue.add(left)
  await three.queue.removeMember('three')
  await agree([one], 1)
  t.match(await one.sample(), { depthByPriority: byPriority({ 5: 2 }) })
  t.equal(one.queue.map.opened, 3)
  t.equal(one.queue.shardOf(undefined, { priority: 5 }), 0, 'it gets nothing new')
  const { keys } = one.queue
  await eventually('the time of remembered ids is over', async () => {
    await one.connection.hset(keys.control, 'shards-earlier', '')
    await one.sample()
    return one.queue.map.opened === 3
  })
  await one.connection.flushall()
  await one.connection.hset(keys.control, 'shards', 1, 'shards-opened', 3)
  await eventually('it is no longer read', async () => {
    await one.sample()
    return one.queue.map.opened === 1
  })
  await one.queue.add(batchOf(1, 1, 2))
  await eventually('a batch from the spool opens it again', async () => {
    const { depthByPriority } = await one.sample()
    return one.queue.map.opened === 3 && depthByPriority[1] === 1
  })
})

t.test('the first reading of a process has all shards', async (t) => {
  const two = await startReplica(t, 'two', 2)
  await agree([two], 2)
  await two.queue.add(batchOf(3, 5, 1))
  const late = await startReplica(t, 'late', 2, two.redis)
  t.match(await late.sample(), { depthByPriority: byPriority({ 5: 3 }), enqueuedByPriority: byPriority({ 5: 3 }) })
})

t.test('new shards are paused if the others are', async (t) => {
  const one = await startReplica(t, 'one', 1)
  await one.queue.pause()
  await one.sample()
  const two = await startReplica(t, 'two', 2, one.redis)
  await agree([one, two], 2)
  t.ok(await one.connection.hexists(two.queue.keysOfShards[1]!.jobs.meta, 'paused'))
})
