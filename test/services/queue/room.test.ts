/* The bound on the depth that the add of a batch keeps. */
import fc from 'fast-check'
import t from 'tap'
import { eventually } from '../../../rig/eventually.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { isWithoutRoom } from '../../../services/queue/batch-addition.ts'
import { newBatch, type Batch } from '../../../services/queue/batch.ts'
import { HOUR_MS, batchOf, byPriority, eventsOf, startQueue, startTaking, type QueueForTest } from './setup.ts'

const bounded = (batch: Batch, mostDepth: number): Batch => ({ ...batch, mostDepth })

/** Adds a batch; answers whether there was room. */
async function isAdded ({ queue }: Pick<QueueForTest, 'queue'>, batch: Batch, mostDepth: number): Promise<boolean> {
  try {
    await queue.add(bounded(batch, mostDepth))
    return true
  } catch (error) {
    if (!isWithoutRoom(error)) throw error
    return false
  }
}

const depthOf = async ({ queue }: Pick<QueueForTest, 'queue'>) =>
  (await queue.sample()).depthByPriority.reduce((sum, events) => sum + events, 0)

t.test('a batch that would pass its bound is not stored, and leaves nothing behind', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  t.ok(await isAdded(started, batchOf(60), 100), 'up to the bound')
  const keyed = newBatch(5, eventsOf(41), eventsOf(41).map(({ id }) => `digest-of-${id}`))
  const before = await connection.dbsize()
  t.notOk(await isAdded(started, keyed, 100), 'one too many')
  t.equal(await connection.dbsize(), before, 'no job, no remembered key')
  t.equal(await depthOf(started), 60)
  t.ok(await isAdded(started, batchOf(40), 100), 'exactly the bound')
  t.notOk(await isAdded(started, batchOf(1, 1), 100))
  t.ok(await isAdded(started, keyed, 141), 'a batch with a higher bound; its keys are new')
  await queue.add(batchOf(1_000))
  t.equal(await depthOf(started), 1_141, 'a batch without a bound')
})

t.test('a second try of a stored batch is not refused, and adds nothing', async (t) => {
  const started = await startQueue(t)
  const batch = batchOf(100)
  t.ok(await isAdded(started, batch, 100))
  t.ok(await isAdded(started, batch, 100))
  t.equal(await depthOf(started), 100)
  const { complete } = await startTaking(t, started)
  await complete({ done: 100, dead: 0, requeued: 0 })
  t.ok(await isAdded(started, batchOf(100), 100), 'finished events leave room before they are settled')
  await started.queue.sample()
  t.ok(await isAdded(started, batch, 100), 'also once it is finished and settled')
})

t.test('repeated events of a batch take no room', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const events: QueuedEvent[] = eventsOf(10)
  const keys = events.map(({ id }) => `digest-of-${id}`)
  await queue.add(newBatch(5, events, keys))
  const more = [...events, ...eventsOf(3).map((event) => ({ ...event, id: `new-${event.id}` }))]
  const moreKeys = more.map(({ id }) => `digest-of-${id}`)
  const repeats = await queue.add(bounded(newBatch(5, more, moreKeys), 30))
  t.equal(repeats.length, 10)
  t.equal(await depthOf(started), 13)
  t.notOk(await isAdded(started, newBatch(5, [...more, ...eventsOf(1)], [...moreKeys, 'another']), 13),
    'but for a batch that does not fit as a whole')
})

t.test('retries count once they are due, and batches without a bound at once', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  await queue.requeue(batchOf(50), HOUR_MS, 'parent')
  t.ok(await isAdded(started, batchOf(50), 60), 'one that is put off does not count')
  await queue.requeue(batchOf(10), 0, 'parent')
  t.notOk(await isAdded(started, batchOf(1), 60), 'one that is not put off counts')
  await queue.add(batchOf(40))
  t.notOk(await isAdded(started, batchOf(1), 100))
  t.ok(await isAdded(started, batchOf(1), 101))
})

t.test('a retry counts from the moment on in which it is due', async (t) => {
  const started = await startQueue(t)
  await started.queue.requeue(batchOf(50), 500, 'parent')
  t.ok(await isAdded(started, batchOf(5), 60))
  t.equal(await depthOf(started), 5)
  await eventually('it is due', async () => await depthOf(started) === 55)
  t.notOk(await isAdded(started, batchOf(6), 60))
  t.ok(await isAdded(started, batchOf(5), 60))
})

t.test('retries pass a bound by the events that waited for them, and by no more', async (t) => {
  const started = await startQueue(t)
  await started.queue.requeue(batchOf(50), 500, 'parent')
  t.ok(await isAdded(started, batchOf(60), 60), 'events that wait for their retries leave room')
  await eventually('they are due', async () => await depthOf(started) === 110)
  t.notOk(await isAdded(started, batchOf(1), 110))
})

t.test('the bound of merged batches holds for all of them together', async (t) => {
  const started = await startQueue(t)
  const parts = [batchOf(30, 1), batchOf(30, 1)]
  await t.rejects(started.queue.addMerged(parts, { mostDepth: 59 }), { name: 'ReplyError', message: /0 of 59/ })
  t.equal(await depthOf(started), 0)
  await started.queue.addMerged(parts, { mostDepth: 60 })
  await started.queue.addMerged(parts, { mostDepth: 60 })
  t.strictSame((await started.queue.sample()).depthByPriority, byPriority({ 1: 60 }))
})

t.test('however many processes add at once, none passes the bound by one event, and no room is left', async (t) => {
  const first = await startQueue(t)
  const replicas = [first, await startQueue(t, first.redis), await startQueue(t, first.redis)]
  const MOST = 1_000
  const sizes = fc.sample(fc.integer({ min: 1, max: 128 }), { numRuns: 150, seed: 1 })
  const added = await Promise.all(sizes.map(async (size, index) =>
    await isAdded(replicas[index % replicas.length] as QueueForTest, batchOf(size), MOST) ? size : 0))
  const stored = added.reduce((sum, size) => sum + size, 0)
  t.equal(await depthOf(first), stored)
  t.ok(stored <= MOST, `${stored}`)
  t.ok(await isAdded(first, batchOf(MOST - stored + 1, 2), MOST) === false)
  t.ok(stored === MOST || await isAdded(first, batchOf(MOST - stored, 2), MOST))
})

t.test('damaged keys of the bound do not keep events out', async (t) => {
  const started = await startQueue(t)
  const { connection, queue: { keys } } = started
  for (const damage of [
    () => connection.set(keys.depthBound, 'nonsense'),
    () => connection.set(keys.due, 'of another type'),
    async () => { await connection.del(keys.depthBound); await connection.hset(keys.depthBound, 'a', 1) },
    async () => { await connection.del(keys.depthBound); await connection.set(keys.ledger, 'of another type') }
  ]) {
    await damage()
    t.ok(await isAdded(started, batchOf(10), 1_000))
  }
  t.equal(await depthOf(started), 40)
  t.notOk(await isAdded(started, batchOf(11), 50))
  t.ok(await isAdded(started, batchOf(10), 50))
  t.ok(await connection.pttl(keys.depthBound) > 0, 'the counter always ends')
})
