import { totalmem } from 'node:os'
import t from 'tap'
import type { Member } from '../../../services/fleet/member.ts'
import { childBatch, newBatch } from '../../../services/queue/batch.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import type { Damage } from '../../../services/queue/repair.ts'
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

t.test('pauses and resumes the workers of all processes', async (t) => {
  const { queue } = await startQueue(t)
  for (const isPaused of [true, true]) {
    await queue.pause()
    t.equal((await queue.sample()).isPaused, isPaused)
  }
  await queue.resume()
  t.equal((await queue.sample()).isPaused, false)
})

t.test('books a batch once, however often it is added', async (t) => {
  const { queue } = await startQueue(t)
  const batch = batchOf(7)
  await queue.add(batch)
  await Promise.all([queue.add(batch), queue.add(batch), queue.requeue(batch, 0, 'parent')])
  const { depthByPriority, jobs } = await queue.sample()
  t.strictSame(depthByPriority, byPriority({ 5: 7 }))
  t.equal(jobs.waiting, 1)
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

t.test('books a finished batch by its result, and removes its job', async (t) => {
  const started = await startQueue(t)
  const { queue, bullmq } = started
  const { complete } = await startTaking(t, started)
  const batch = batchOf(10, 3)
  await queue.add(batch)
  await queue.add(batchOf(1, 9))
  await complete({ done: 6, dead: 3, requeued: 1 })
  t.match(await queue.sample(), {
    depthByPriority: byPriority({ 9: 1 }),
    activeByPriority: byPriority({}),
    enqueuedByPriority: byPriority({ 3: 10, 9: 1 }),
    done: 6,
    dead: 3,
    jobs: { unsettled: 0 }
  })
  t.match(await queue.sample(), { depthByPriority: byPriority({ 9: 1 }), done: 6, dead: 3 }, 'once')
  t.equal(await bullmq.getCompletedCount(), 0)
  await queue.add(batch)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 9: 1 }), 'a late second try of its add is ignored')
  t.equal(await bullmq.getJobCountByTypes('prioritized', 'waiting'), 1)
})

t.test('books a finished batch without a proper result as gone', async (t) => {
  const started = await startQueue(t)
  const { complete } = await startTaking(t, started)
  const results = [undefined, 'words', { done: 'many' } as never, [] as never, null as never]
  for (const result of results) {
    await started.queue.add(batchOf(2))
    await complete(result)
  }
  t.match(await started.queue.sample(), {
    depthByPriority: byPriority({}),
    done: 0,
    dead: 0,
    enqueuedByPriority: byPriority({ 5: 2 * results.length })
  })
})

t.test('finished batches beyond what one look settles are told', async (t) => {
  const { connection, queue } = await startQueue(t)
  await connection.zadd(
    queue.keys.jobs.completed,
    ...Array.from({ length: 700 }, (_, index) => [index, `5-1-0-${index}`]).flat()
  )
  t.equal((await queue.sample()).jobs.unsettled, 200)
  t.equal((await queue.sample()).jobs.unsettled, 0)
})

t.test('an event put back is booked as such, not as a new one', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const { complete } = await startTaking(t, started)
  const parent = batchOf(5)
  await queue.add(parent)
  await queue.requeue(newBatch(5, eventsOf(2)), 0, parent.id)
  await complete({ done: 3, dead: 0, requeued: 2 })
  t.match(await queue.sample(), {
    depthByPriority: byPriority({ 5: 2 }),
    enqueuedByPriority: byPriority({ 5: 5 }),
    done: 3
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

const MEMBER: Member = {
  id: 'm1',
  role: 'worker',
  host: 'h',
  pid: 7,
  version: '1.0.0',
  startedAt: '2026-03-01T10:00:00.000Z',
  circuitState: 'CLOSED',
  settingsVersion: 0,
  worker: { concurrency: 20, handlers: ['delivery'], holds: [] }
}
const idsOf = ({ fleet }: QueueReading) => fleet.members.map(({ id }) => id)

t.test('a process is in the fleet while it announces itself', async (t) => {
  const { queue, connection } = await startQueue(t)
  const { fleet, workers, redisTimeMs } = await queue.sample({ announcement: { member: MEMBER } })
  t.strictSame(fleet, { members: [{ ...MEMBER, seenAt: fleet.members[0]?.seenAt }], skipped: 0 })
  t.ok(Math.abs(Number(fleet.members[0]?.seenAt) - redisTimeMs) < 5_000, 'by the clock of Redis')
  t.strictSame(workers, [{ id: 'm1', hostname: 'h', pid: 7, startedAt: MEMBER.startedAt, ...MEMBER.worker }])
  const other: Member = { ...MEMBER, id: 'm2' }
  t.strictSame(idsOf(await queue.sample({ announcement: { member: other } })), ['m1', 'm2'])
  const changed: Member = { ...MEMBER, circuitState: 'OPEN' }
  t.match((await queue.sample({ announcement: { member: changed } })).fleet.members, [{ circuitState: 'OPEN' }, {
    circuitState: 'CLOSED'
  }], 'in place of its record before')
  await queue.removeMember('m1')
  t.strictSame(idsOf(await queue.sample()), ['m2'])
  t.strictSame(idsOf(await queue.sample({ announcement: { member: other } })), ['m2'])
  const record = (at: number, id: string) => `${at} ${JSON.stringify({ ...MEMBER, id })}`
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: other } })
  await connection.hset(queue.keys.fleet, { dead: record(now - 6_000, 'dead'), future: record(now + 60_000, 'future') })
  t.strictSame(
    idsOf(await queue.sample({ announcement: { member: other } })),
    ['m2'],
    'one that is silent for too long is not'
  )
  t.strictSame(await connection.hkeys(queue.keys.fleet), ['m2'])
})

t.test('all processes learn of a change with their next sample', async (t) => {
  const { redis, queue, connection } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  t.strictSame(idsOf(await other.sample()), [])
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: MEMBER } })
  const joined = await other.sample()
  t.strictSame(idsOf(joined), ['m1'], 'one that joins')
  t.equal((await other.sample()).fleet, joined.fleet, 'a fleet that has not changed is the same one')
  await queue.sample({ announcement: { member: { ...MEMBER, settingsVersion: 1 }, isNews: true } })
  t.match((await other.sample()).fleet.members, [{ settingsVersion: 1 }], 'news of one')
  await queue.sample({ announcement: { member: { ...MEMBER, settingsVersion: 2 } } })
  t.match((await other.sample()).fleet.members, [{ settingsVersion: 1 }], 'all else comes with the next announcement')
  await queue.removeMember('m1')
  t.strictSame(idsOf(await other.sample()), [], 'one that leaves')
  await connection.hset(queue.keys.fleet, 'dead', `${now - 6_000} {}`)
  await queue.sample({ announcement: { member: MEMBER } })
  await other.sample()
  await connection.hset(queue.keys.control, 'fleet', 'often')
  t.strictSame(
    idsOf(await other.sample({ announcement: { member: { ...MEMBER, id: 'm2' } } })),
    ['m1', 'm2'],
    'though the count was damaged'
  )
  t.strictSame(idsOf(await queue.sample()), ['m1', 'm2'])
  await other.repair.check()
  t.not(await connection.hget(queue.keys.control, 'fleet'), 'often')
})

t.test('the fleet is bounded, and what is no record is skipped and counted', async (t) => {
  const damage: Damage[] = []
  const { queue, connection } = await startQueue(t, undefined, { onDamage: (found) => damage.push(found) })
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: MEMBER } })
  await connection.hset(queue.keys.fleet, {
    text: 'x',
    empty: '',
    json: `${now} {"id"`,
    other: `${now} {"id":"other"}`,
    long: `${now} ${JSON.stringify({ ...MEMBER, host: 'h'.repeat(5_000) })}`
  })
  t.match((await queue.sample({ announcement: { member: MEMBER } })).fleet, { members: [{ id: 'm1' }], skipped: 5 })
  t.strictSame(damage, [{ key: queue.keys.fleet, entry: 'a process' }], 'and the log says so once')
  const many = Array.from(
    { length: 300 },
    (_, index) => [`p${index}`, `${now} ${JSON.stringify({ ...MEMBER, id: `p${index}` })}`]
  )
  await connection.del(queue.keys.fleet)
  await connection.hset(queue.keys.fleet, Object.fromEntries(many))
  const { fleet } = await queue.sample({ announcement: { member: { ...MEMBER, id: 'late' } } })
  t.equal(fleet.members.length, 250)
  t.notOk(fleet.members.some(({ id }) => id === 'late'), 'a fleet that is full lists no further process')
  await connection.del(queue.keys.fleet)
  await connection.set(queue.keys.fleet, 'of another type')
  t.equal(
    idsOf(await queue.sample({ announcement: { member: MEMBER } })).length,
    250,
    'what cannot be read changes nothing'
  )
  await queue.repair.check()
  t.strictSame(idsOf(await queue.sample({ announcement: { member: MEMBER } })), ['m1'])
  t.equal(await connection.type(queue.keys.fleet), 'hash')
})

t.test('all replicas see what one writes into the control record', async (t) => {
  const { redis, queue } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  await queue.setControl('circuit', 'OPEN')
  await queue.bumpControl('resets', { field: 'circuit', value: 'CLOSED' })
  await other.bumpControl('resets', { field: 'circuit', value: 'CLOSED' })
  t.strictSame((await other.sample()).control, { circuit: 'CLOSED', resets: '2' })
})

t.test('the last process that announces itself with what it has learned tells it to those that start', async (t) => {
  const { redis, queue } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  for (const learned of ['1', '2']) await queue.sample({ announcement: { member: MEMBER, learned } })
  await queue.sample({ announcement: { member: MEMBER }, takeCounts: () => ({ 'offered:low': 1 }) })
  const { control } = await other.sample()
  t.equal(control.learned, '2', 'a process that has learned nothing leaves it in place')
})

t.test('tells that the queue is paused, by hand or for a while', async (t) => {
  const { queue, bullmq } = await startQueue(t)
  await queue.pauseFor(HOUR_MS)
  const { isPaused, pausedForMs } = await queue.sample()
  t.equal(isPaused, false)
  t.ok(pausedForMs > 0 && pausedForMs <= HOUR_MS)
  await bullmq.pause()
  t.equal((await queue.sample()).isPaused, true)
  await bullmq.resume()
  t.equal((await queue.sample()).isPaused, false)
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
