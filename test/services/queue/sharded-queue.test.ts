import t, { type Test } from 'tap'
import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import { FairOrder } from '../../../services/organizations/fair-order.ts'
import { newBatch, parseBatchId, type Batch } from '../../../services/queue/batch.ts'
import { BatchQueue } from '../../../services/queue/bullmq/batch-queue.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { shardOfDigest } from '../../../services/queue/shard-choice.ts'
import { ShardMap } from '../../../services/queue/shard-map.ts'
import type { ShardsOptions } from '../../../services/queue/shards.ts'
import { eventually } from '../../../rig/eventually.ts'
import { NAMESPACE } from '../../queue-keys.ts'
import { batchOf, byPriority, eventsOf, HOUR_MS, startQueue } from './setup.ts'

const startShards = async (t: Test, shards: number, options: Partial<ShardsOptions> = {}) =>
  await startQueue(t, undefined, { map: new ShardMap(shards), ...options })

/** A batch of one event with this id, in the shard of its digest among so many. */
function keyedBatch (id: string, shards: number): Batch {
  const digest = idempotencyDigest({ id }) as string
  return newBatch(5, [{ ...eventsOf(1)[0]!, id }], [digest], undefined, shardOfDigest(digest, shards))
}

t.test('batches are in the slots of their shards, and are read as one queue', async (t) => {
  const { queue, connection } = await startShards(t, 4)
  const batches = [0, 1, 2, 3].map((shard) => batchOf(shard + 1, 5, shard))
  for (const batch of batches) await queue.add(batch)
  for (const [shard, batch] of batches.entries()) {
    t.equal(parseBatchId(batch.id)?.shard, shard)
    t.equal(await connection.exists(new QueueKeys(NAMESPACE, shard).jobs.of(batch.id)), 1)
    t.match(await queue.trace(batch.id), { state: 'waiting' })
  }
  const reading = await queue.sample()
  t.strictSame(reading.depthByPriority, byPriority({ 5: 10 }))
  t.match(reading, { jobs: { waiting: 4 }, awayShards: [], balance: { imbalance: { queue: 0 } } })
  t.strictSame(await queue.trace(`5-1-63-${'0'.repeat(32)}`), { state: 'missing' })
  t.strictSame(await queue.trace(`5-1-999-${'0'.repeat(32)}`), { state: 'missing' }, 'an id that nobody gave')
})

t.test('an event with an identity has the shard of its digest, others take turns', async (t) => {
  const { queue } = await startShards(t, 3, { turnEvents: 2 })
  const event = { priority: 5 }
  const digest = idempotencyDigest({ id: 'a' }) as string
  t.equal(queue.shardOf(digest, event), shardOfDigest(digest, 3))
  t.strictSame(Array.from({ length: 5 }, () => queue.shardOf(undefined, event)), [0, 0, 1, 1, 2])
})

t.test('in a fair order the events of an organization are in one shard, which has an order of its own', async (t) => {
  const fairOrder = new FairOrder({ mode: () => 'organizations', costOf: () => 1, weightOf: () => 1 })
  const { queue, connection } = await startShards(t, 3, { turnEvents: 1, fairOrder })
  for (const organizationId of ['a', 'b', 'c']) {
    const shards = Array.from({ length: 5 }, () => queue.shardOf(undefined, { priority: 5, organizationId }))
    t.strictSame(new Set(shards), new Set([shardOfDigest(organizationId, 3)]))
  }
  t.strictSame(Array.from({ length: 3 }, () => queue.shardOf(undefined, { priority: 5 })), [0, 1, 2], 'others take turns')
  t.equal(fairOrder.of(0), fairOrder)
  t.equal(fairOrder.of(1), fairOrder.of(1))
  t.not(fairOrder.of(1), fairOrder.of(2))
  const flood = eventsOf(64).map((event) => ({ ...event, organizationId: 'flood' }))
  for (let batch = 0; batch < 3; batch++) await queue.add(newBatch(5, flood, undefined, undefined, 1))
  const light = newBatch(5, [{ ...eventsOf(1)[0]!, organizationId: 'light' }], undefined, undefined, 1)
  await queue.add(light)
  const bullmq = new BatchQueue(connection, queue.of(light.id).keys)
  bullmq.on('error', () => {})
  const [first, second] = await bullmq.getPrioritized()
  t.equal([first?.id, second?.id].includes(light.id), true, 'the light organization does not wait for the flood')
})

t.test('a repeated event is found in its shard', async (t) => {
  const { queue } = await startShards(t, 4)
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
    t.strictSame(await queue.add(keyedBatch(id, 4)), [])
    t.match(await queue.add(keyedBatch(id, 4)), [{ index: 0, id }])
    t.match(await queue.remembered([idempotencyDigest({ id }) as string]), { id })
  }
  t.equal((await queue.sample()).rememberedIds, 6)
})

t.test('each shard accepts its part of the hard limit, and of a lower bound what the others leave', async (t) => {
  const { queue } = await startShards(t, 2, { hardLimit: () => 20 })
  const full = { message: /SPILLWAY_NO_ROOM/ }
  await queue.add({ ...batchOf(10, 1, 0), mostDepth: 20 })
  await t.rejects(queue.add({ ...batchOf(1, 1, 0), mostDepth: 20 }), full)
  await queue.add({ ...batchOf(4, 1, 1), mostDepth: 20 })
  await queue.sample()
  await t.rejects(queue.add({ ...batchOf(2, 5, 1), mostDepth: 15 }), full, 'the first one has ten')
  await t.resolves(queue.add({ ...batchOf(1, 5, 1), mostDepth: 15 }))
  await t.resolves(queue.addMerged([batchOf(2, 1, 1), batchOf(3, 1, 1)], { mostDepth: 20 }))
  await t.rejects(queue.addMerged([batchOf(1, 1, 1)], { mostDepth: 20 }), full)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 19, 5: 1 }))
})

t.test('a shard that fails is away with its last figures; others go on, and it comes back', async (t) => {
  const { queue, connection, redis } = await startShards(t, 3)
  const { connection: admin } = await startQueue(t, redis)
  for (const shard of [0, 1, 2]) await queue.add(batchOf(2, 5, shard))
  await queue.sample()
  await admin.call('ACL', 'SETUSER', 'default', 'resetkeys', `~{${NAMESPACE}:0}*`, `~{${NAMESPACE}:2}*`)
  await queue.add(batchOf(1, 5, 2))
  const reading = await queue.sample()
  t.strictSame([reading.awayShards, reading.depthByPriority], [[1], byPriority({ 5: 7 })])
  await t.rejects(queue.add(batchOf(1, 5, 1)), { code: 'shard-away' })
  await t.rejects(queue.addMerged([batchOf(1, 5, 1), batchOf(1, 5, 0)]), { code: 'shard-away' })
  const turns = new Set(Array.from({ length: 1_000 }, () => queue.shardOf(undefined, { priority: 5 })))
  t.strictSame(turns, new Set([0, 2]), 'events that may go anywhere pass it by')
  await admin.call('ACL', 'SETUSER', 'default', 'allkeys')
  t.strictSame((await queue.sample()).awayShards, [])
  await t.resolves(queue.add(batchOf(1, 5, 1)))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 9 }))
  t.equal(connection.status, 'ready')
})

t.test('without the first shard the others are read, and what exists once stays as it was', async (t) => {
  const { queue, redis } = await startShards(t, 2)
  const { connection: admin } = await startQueue(t, redis)
  await queue.circuit.reset()
  const before = await queue.sample({ takeCounts: () => ({ 'admission:received:normal': 1 }) })
  await admin.call('ACL', 'SETUSER', 'default', 'resetkeys', `~{${NAMESPACE}:1}*`)
  await queue.add(batchOf(3, 5, 1))
  const reading = await queue.sample({ takeCounts: () => ({ 'admission:received:normal': 5 }) })
  t.match(reading, { awayShards: [0], control: before.control, depthByPriority: byPriority({ 5: 3 }) })
  await admin.call('ACL', 'SETUSER', 'default', 'allkeys')
  await eventually('counts of that time are booked', async () =>
    (await queue.sample()).ledger.admission.normal.received === 6)
})

t.test('if no shard answers, the queue is unknown', async (t) => {
  const { queue, redis } = await startShards(t, 2)
  await queue.sample()
  await redis.kill()
  await t.rejects(queue.sample())
})

t.test('pauses, turns, recounts and rebases are of all shards', async (t) => {
  const { queue, connection } = await startShards(t, 3)
  for (const shard of [0, 1, 2]) await queue.add(batchOf(2, 5, shard))
  await queue.pause()
  t.equal((await queue.sample()).isPaused, true)
  await queue.resume()
  t.equal((await queue.sample()).isPaused, false)
  await queue.pauseFor(HOUR_MS)
  t.ok((await queue.sample()).pausedForMs > HOUR_MS / 2)
  await queue.endPause()
  t.equal((await queue.sample()).pausedForMs, 0)
  for (const { ledger } of queue.keysOfShards.slice(1)) await connection.hincrby(ledger, 'done:5', 7)
  t.equal((await queue.sample()).balance.imbalance.queue, 14)
  t.strictSame(await queue.rebase('by hand', 'test'), { admission: 0, queue: 14 })
  t.equal((await queue.sample()).balance.imbalance.queue, 0)
  t.match(await queue.latestRebases(), [{ queue: 7, reason: 'by hand' }, { queue: 7, reason: 'by hand' }])
  const second = new BatchQueue(connection, new QueueKeys(NAMESPACE, 2))
  second.on('error', () => {})
  const [job] = await second.getJobs(['prioritized'])
  await job?.remove()
  t.equal(await queue.recount(), 2)
})
