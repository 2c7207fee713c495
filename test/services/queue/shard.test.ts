/* Readings of the queue. */
import { totalmem } from 'node:os'
import t from 'tap'
import { childBatch } from '../../../services/queue/batch.ts'
import { booked } from '../../booked.ts'
import { eventually } from '../../../rig/eventually.ts'
import { HOUR_MS, batchOf, byPriority, eventsOf, startQueue, startTaking } from './setup.ts'

t.test('an empty queue reads as empty', async (t) => {
  const { queue } = await startQueue(t)
  const { redisTimeMs, memory, ...reading } = await queue.sample()
  t.ok(redisTimeMs > 0)
  t.ok(memory.usedBytes > 0)
  t.strictSame(reading, {
    depthByPriority: byPriority({}),
    activeByPriority: byPriority({}),
    delayedByPriority: byPriority({}),
    enqueuedByPriority: byPriority({}),
    done: 0,
    dead: 0,
    expired: 0,
    ...booked({}),
    jobs: { waiting: 0, active: 0, delayed: 0, unsettled: 0, failed: 0 },
    isPaused: false,
    pausedForMs: 0,
    oldestWaitingMsByPriority: byPriority({}).map(() => null),
    fleet: { members: [], skipped: 0 },
    workers: [],
    control: {},
    rememberedIds: 0,
    unfinishedReplays: 0,
    deadLetters: { kept: 0, bytes: 0, discarded: 0, replayed: 0 },
    settings: {}
  })
})

t.test('counts events by priority, not jobs', async (t) => {
  const { queue } = await startQueue(t)
  for (const [count, priority] of [[3, 1], [128, 5], [2, 5], [1, 10]] as const)
    await queue.add(batchOf(count, priority))
  t.match(await queue.sample(), {
    depthByPriority: byPriority({ 1: 3, 5: 130, 10: 1 }),
    enqueuedByPriority: byPriority({ 1: 3, 5: 130, 10: 1 }),
    jobs: { waiting: 4 }
  })
})

t.test('tells for how long the batch has waited that is taken next, of each priority in which one waits', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const { take } = await startTaking(t, started)
  /** Puts a batch into the queue as if it had been put there so long ago. */
  const addAged = async (priority: number, ageMs: number, clockMs = 0) => {
    const { id, events } = batchOf(1, priority)
    const hex = (Date.now() + clockMs).toString(16).padStart(12, '0')
    const batch = {
      id: `${id.split('-', 3).join('-')}-${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(-23)}`,
      priority,
      events
    }
    await queue.add(batch)
    await started.connection.hset(queue.keys.jobs.of(batch.id), 'timestamp', Date.now() - ageMs)
  }
  const inSeconds = async () =>
    (await queue.sample()).oldestWaitingMsByPriority.map((age) => age === null ? null : Math.floor(age / 1_000_000))
  const expected = (ages: Record<number, number>) => Array.from({ length: 11 }, (_, priority) => ages[priority] ?? null)
  await addAged(3, 5_000_500, -50 * HOUR_MS)
  await addAged(3, 9_000_500, HOUR_MS)
  await addAged(10, 7_000_500)
  await addAged(1, -60_000, -50 * HOUR_MS)
  t.strictSame(
    await inSeconds(),
    expected({ 1: 0, 3: 5, 10: 7 }),
    'a time that is still to come is none, and what the clock of an API says does not count'
  )
  await take()
  await take()
  t.strictSame(await inSeconds(), expected({ 3: 9, 10: 7 }), 'what is in work waits no more')
  const child = childBatch('parent', 6, eventsOf(1, 6), [0])
  await queue.requeue(child, 0, 'parent')
  await started.connection.hset(queue.keys.jobs.of(child.id), 'timestamp', Date.now() - 2_000_500)
  t.strictSame(await inSeconds(), expected({ 3: 9, 6: 2, 10: 7 }), 'of events that left another batch the job tells')
  await queue.requeue(childBatch('parent', 7, eventsOf(1, 7), [1]), HOUR_MS, 'parent')
  t.strictSame(
    await inSeconds(),
    expected({ 3: 9, 6: 2, 10: 7 }),
    'what waits for its next attempt is not asked for yet'
  )
})

t.test('a batch in work counts as active and in the depth', async (t) => {
  const started = await startQueue(t)
  const { take } = await startTaking(t, started)
  await started.queue.add(batchOf(4, 2))
  await started.queue.add(batchOf(9, 8))
  await take()
  t.match(await started.queue.sample(), {
    depthByPriority: byPriority({ 2: 4, 8: 9 }),
    activeByPriority: byPriority({ 2: 4 }),
    jobs: { active: 1, waiting: 1 }
  })
})

t.test('a retry is no part of the depth before it is due', async (t) => {
  const { queue } = await startQueue(t)
  await queue.requeue(batchOf(3, 4), HOUR_MS, 'parent')
  await queue.requeue(batchOf(2, 4), HOUR_MS, 'parent')
  t.match(await queue.sample(), {
    depthByPriority: byPriority({}),
    delayedByPriority: byPriority({ 4: 5 }),
    jobs: { delayed: 2, waiting: 0 }
  })
  await queue.requeue(batchOf(1, 6), 1, 'parent')
  await eventually('it is due', async () => (await queue.sample()).depthByPriority[6] === 1)
  t.strictSame((await queue.sample()).delayedByPriority, byPriority({ 4: 5 }))
})

t.test('tells how much memory Redis uses, and may use', async (t) => {
  const { queue, connection } = await startQueue(t)
  await connection.config('SET', 'maxmemory', '1gb')
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await connection.info('memory'))?.[1])
  const { memory: { usedBytes, maxBytes, machineBytes } } = await queue.sample()
  t.equal(maxBytes, 1_073_741_824)
  t.ok(machineBytes >= totalmem() * 0.9, 'of the machine of Redis, which is this one')
  t.ok(Math.abs(usedBytes - await used()) < 500_000)
  await connection.setrange('ballast', 20_000_000, 'x')
  t.ok((await queue.sample()).memory.usedBytes > usedBytes + 20_000_000)
  await connection.config('SET', 'maxmemory', '0')
  t.equal((await queue.sample()).memory.maxBytes, 0)
})
