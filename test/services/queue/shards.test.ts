import t from 'tap'
import { textDigest } from '../../../services/event/text-digest.ts'
import { BatchSteps } from '../../../services/queue/batch-steps.ts'
import { newBatch, placeId } from '../../../services/queue/batch.ts'
import { rankOf } from '../../../services/queue/rank.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { batchOf, byPriority, eventsOf, startQueue, startTaking } from './setup.ts'

t.test('a batch is one job, with its events as they are', async (t) => {
  const { queue, bullmq } = await startQueue(t)
  const events = [{
    ...eventsOf(1)[0]!,
    payload: { deep: ['ключ', null, 1.5] },
    attributes: { source: '/s' },
    attempt: 2
  }, ...eventsOf(2)]
  const batch = newBatch(5, events)
  await queue.add(batch)
  const [job, ...more] = await bullmq.getJobs()
  t.strictSame(more, [])
  t.strictSame(
    { id: job?.id, events: job?.data.events, priority: job?.opts.priority },
    { id: batch.id, events, priority: rankOf(5) }
  )
})

t.test('batches are taken by priority, and in order within one', async (t) => {
  const started = await startQueue(t)
  const { take } = await startTaking(t, started)
  const batches = [9, 2, 9, 1, 2, 10].map((priority) => batchOf(1, priority))
  for (const batch of batches) await started.queue.add(batch)
  const taken: (string | undefined)[] = []
  for (const _batch of batches) taken.push((await take()).id)
  t.strictSame(taken, [3, 1, 4, 0, 2, 5].map((place) => batches[place]?.id))
})

t.test('a batch put back for later is not taken before', async (t) => {
  const started = await startQueue(t)
  const { take } = await startTaking(t, started)
  await started.queue.requeue(batchOf(1, 1), 3_600_000, 'parent')
  const now = batchOf(1, 9)
  await started.queue.requeue(now, 0, 'parent')
  t.equal((await take()).id, now.id)
  await t.rejects(take(), { message: 'no job to take' })
})

t.test('an add whose connection breaks is done on the next one, and is one job', async (t) => {
  const { redis, queue, bullmq } = await startQueue(t, undefined, { reconnectPatienceMs: 30_000 })
  const { connection: other } = await startQueue(t, redis)
  const batches = [1, 2, 3].map((count) => batchOf(count))
  for (const batch of batches) {
    const added = queue.add(batch)
    await other.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await t.resolves(added)
  }
  t.strictSame(
    (await bullmq.getJobs(['prioritized'])).map(({ id }) => id).toSorted(),
    batches.map(({ id }) => id).toSorted()
  )
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 6 }))
})

t.test('an add while Redis is away rejects, and the batch may be added later', async (t) => {
  const { redis, queue } = await startQueue(t)
  const batch = batchOf(2)
  await redis.kill()
  await t.rejects(queue.add(batch))
  await redis.start()
  await eventually('it can be added', () => queue.add(batch).then(() => true))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 2 }))
})

t.test('an add that Redis is too slow to confirm rejects, and is one job when it is tried again', async (t) => {
  const { redis, queue, bullmq } = await startQueue(t)
  const batch = batchOf(2)
  redis.pause()
  await t.rejects(queue.add(batch), { code: 'unconfirmed' })
  redis.resume()
  await queue.add(batch)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 2 }), 'though the first try lands too')
  t.equal(await bullmq.getPrioritizedCount(), 1)
})

t.test('an add that finds no memory rejects with the words of Redis, leaves nothing and works later', async (t) => {
  const { queue, connection } = await startQueue(t)
  await queue.add(batchOf(1))
  const keys = (await connection.keys('*')).toSorted()
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(queue.add(batchOf(3)), { message: /^OOM / })
  await t.rejects(queue.requeue(batchOf(3), 1_000, 'parent'), { message: /^OOM / })
  t.strictSame((await connection.keys('*')).toSorted(), keys)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 1 }))
  await connection.config('SET', 'maxmemory', '0')
  await queue.add(batchOf(3))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 4 }))
})

t.test('a first add that finds no memory works later', async (t) => {
  const redis = await startRedis(t)
  const { queue, connection } = await startQueue(t, redis)
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(queue.add(batchOf(3)), { message: /^OOM / })
  await connection.config('SET', 'maxmemory', '0')
  await t.resolves(queue.add(batchOf(3)))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 3 }))
})

t.test('an add works when the scripts of Redis were flushed', async (t) => {
  const { queue, connection } = await startQueue(t)
  await queue.add(batchOf(1))
  await connection.script('FLUSH')
  await t.resolves(queue.add(batchOf(1)))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 2 }))
})

t.test('an add waits a moment for a connection that broke, and not for a Redis that is gone', async (t) => {
  const { redis, queue, connection } = await startQueue(t, undefined, { reconnectPatienceMs: 30_000 })
  connection.stream.destroy()
  await t.resolves(Promise.all([queue.add(batchOf(2)), queue.add(batchOf(2))]))
  await redis.kill()
  await eventually('Redis is seen to be gone', () => connection.status !== 'ready')
  const error = await queue.add(batchOf(2)).catch((error: unknown) => error)
  t.match(error, { message: /^Stream isn't writeable/ }, 'a batch that was not sent is known not to be stored')
})

t.test('an event that was in the queue before is not added again, and the first id is told', async (t) => {
  const { queue } = await startQueue(t)
  const known = { priority: 5, typeDigest: textDigest('x') }
  const first = newBatch(5, eventsOf(2), ['k0', 'k1'])
  t.strictSame(await queue.add(first), [])
  const unnamed = newBatch(5, [{ ...eventsOf(1)[0]!, id: '' }], ['k2'])
  t.strictSame(await queue.add(unnamed), [])
  const mixed = newBatch(5, eventsOf(5).map((event) => ({ ...event, id: '' })), ['k1', null, 'k2', 'k3', null])
  t.strictSame(await queue.add(mixed), [
    { index: 0, place: placeId(first.id, 1), id: 'e1', ...known },
    { index: 2, place: placeId(unnamed.id, 0), id: unnamed.events[0]?.id, ...known }
  ])
  const { depthByPriority, jobs } = await queue.sample()
  t.strictSame([depthByPriority[5], jobs.waiting], [2 + 1 + 3, 4])
  t.match(
    await queue.add(newBatch(9, eventsOf(2), ['k0', 'k3'])),
    [{ index: 0, id: 'e0', ...known }, { index: 1, id: mixed.events[3]?.id, ...known }],
    'in whatever batch they come'
  )
  t.strictSame(await queue.add(newBatch(5, eventsOf(1), ['k4'])), [])
  t.equal((await queue.sample()).depthByPriority[5], 7)
})

t.test('a batch with keys that is added again is itself and no repetition, even long after it was worked on', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { complete } = await startTaking(t, started)
  const batch = newBatch(5, eventsOf(2), ['k0', null])
  for (let attempt = 0; attempt < 3; attempt++) t.strictSame(await queue.add(batch), [])
  await complete({ done: 2, dead: 0, requeued: 0 })
  await queue.sample()
  t.strictSame(await queue.add(batch), [])
  await connection.del(queue.keys.jobs.of(batch.id))
  t.strictSame(await queue.add(batch), [], 'when its stub is gone as well')
  const { depthByPriority, jobs, done } = await queue.sample()
  t.strictSame([depthByPriority[5], jobs.waiting, done], [0, 0, 2])
})

t.test('of many that bring the same event at once, one adds it', async (t) => {
  const { redis, queue } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  const batches = Array.from(
    { length: 40 },
    (_, index) => newBatch(1 + index % 10, eventsOf(2), ['same', `own-${index}`])
  )
  const repeats = await Promise.all(batches.map((batch, index) => (index % 2 === 0 ? queue : other).add(batch)))
  t.equal(repeats.filter((found) => found.length === 0).length, 1)
  t.strictSame(
    repeats.filter((found) => found.length > 0).map((found) => found.map(({ index }) => index)),
    Array.from({ length: 39 }, () => [0])
  )
  const { depthByPriority } = await queue.sample()
  t.equal(depthByPriority.reduce((sum, events) => sum + events), 41)
})

t.test('a key is forgotten after its time, and never without its event', async (t) => {
  const { queue, connection } = await startQueue(t, undefined, { idempotencyTtlMs: 60_000 })
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(queue.add(newBatch(5, eventsOf(1), ['k'])), { message: /^OOM / })
  await connection.config('SET', 'maxmemory', '0')
  t.strictSame(await queue.add(newBatch(5, eventsOf(1), ['k'])), [], 'a key whose event could not be stored')
  const key = queue.keys.seen('k')
  t.ok(await connection.pttl(key) > 0)
  await connection.del(key)
  t.strictSame(await queue.add(newBatch(5, eventsOf(1), ['k'])), [])
})

t.test('a key counts only once its event is stored, whatever Redis has forgotten', async (t) => {
  const { queue, connection } = await startQueue(t)
  const batch = newBatch(5, eventsOf(2), ['k0', null])
  // A transaction in which the script of the add was missing leaves these keys behind.
  const steps = new BatchSteps(connection, queue.keys, { idempotencyTtlMs: 3_600_000, receiptTtlMs: 3_600_000 })
  const remember = steps.rememberingOf(batch)
  await (connection as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[
    remember!.name
  ]!(...remember!.args)
  t.strictSame(await queue.add(newBatch(5, eventsOf(1), ['k0'])), [], 'another batch brings the event')
  t.equal((await queue.sample()).depthByPriority[5], 1)
  const own = newBatch(5, eventsOf(2), ['k1', null])
  const again = steps.rememberingOf(own)
  await (connection as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[again!.name]!(...again!
    .args)
  t.strictSame(await queue.add(own), [], 'so does the batch itself')
  t.equal((await queue.sample()).depthByPriority[5], 3)
})

t.test('scripts that were flushed cost no event, with and without keys', async (t) => {
  const { queue, connection } = await startQueue(t)
  await queue.add(newBatch(5, eventsOf(1), ['first']))
  for (let round = 0; round < 5; round++) {
    await connection.script('FLUSH')
    const batches = Array.from({ length: 8 }, (_, index) => newBatch(5, eventsOf(2), [`k-${round}-${index}`, null]))
    t.strictSame(await Promise.all(batches.map((batch) => queue.add(batch))), batches.map(() => []))
  }
  t.equal((await queue.sample()).depthByPriority[5], 1 + 5 * 8 * 2)
})

t.test('events without a key are stored once out of a batch that is added again when more of it is known', async (t) => {
  const { queue } = await startQueue(t)
  await queue.add(newBatch(5, eventsOf(1), ['known']))
  const mixed = newBatch(5, eventsOf(4), ['known', 'new', null, null])
  t.match(await queue.add(mixed), [{ index: 0, id: 'e0' }])
  t.strictSame((await queue.add(mixed)).map(({ index }) => index).toSorted(), [0, 1])
  t.equal((await queue.sample()).depthByPriority[5], 4)
})

t.test('readings that begin while another one is in progress succeed', async (t) => {
  const { queue } = await startQueue(t)
  await queue.add(batchOf(3))
  const readings = await Promise.all([queue.sample(), queue.sample(), queue.sample()])
  t.strictSame(readings.map(({ depthByPriority }) => depthByPriority[5]), [3, 3, 3])
})
