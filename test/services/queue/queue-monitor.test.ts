import type { Test } from 'tap'
import t from 'tap'
import type { Member } from '../../../services/fleet/member.ts'
import { QueueMonitor } from '../../../services/queue/queue-monitor.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { eventually } from '../../../rig/eventually.ts'
import { batchOf, byPriority, startQueue } from './setup.ts'

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

/** A monitor on a real queue, with a clock in the hand of the test. */
async function startMonitor (t: Test, intervalMs = 5) {
  const clock = { now: 0 }
  const corrections: number[] = []
  const started = await startQueue(t, undefined, {
    now: () => clock.now,
    onCorrected: (events) => {
      corrections.push(events)
    }
  })
  const readings: QueueReading[] = []
  const losses: Error[] = []
  const failures: Error[] = []
  const monitor = new QueueMonitor({
    queue: started.queue, intervalMs, now: () => clock.now, onListenerFailed: (error) => { failures.push(error) }
  })
  monitor.onReading((reading) => { readings.push(reading) })
  monitor.onLost((error) => { losses.push(error) })
  t.teardown(() => monitor.stop())
  const nextReading = async () => {
    const { length } = readings
    // The one in progress may have begun before what the test did last.
    await eventually('the next reading', () => readings.length >= length + 2)
    return readings.at(-1) as QueueReading
  }
  return { ...started, monitor, clock, corrections, readings, losses, failures, nextReading }
}

t.test('keeps the last reading and tells its listeners of each', async (t) => {
  const { monitor, queue, nextReading, readings } = await startMonitor(t)
  t.equal(monitor.reading, undefined)
  monitor.start()
  await nextReading()
  await queue.add(batchOf(3))
  t.strictSame((await nextReading()).depthByPriority, byPriority({ 5: 3 }))
  await monitor.stop()
  t.equal(monitor.reading, readings.at(-1))
})

t.test('has begun with the first reading, or with its failure', async (t) => {
  const { monitor } = await startMonitor(t, 1_000)
  await monitor.begin()
  t.ok(monitor.reading)
  const away = await startMonitor(t, 1_000)
  await away.redis.kill()
  await away.monitor.begin()
  t.equal(away.monitor.reading, undefined)
  t.ok(away.losses.length > 0)
})

t.test('keeps the last reading when the queue is lost, and reads on when it is back', async (t) => {
  const { monitor, queue, redis, nextReading, losses } = await startMonitor(t)
  await queue.add(batchOf(3))
  monitor.start()
  await nextReading()
  await redis.kill()
  await eventually('it is lost', () => losses.length > 0)
  t.strictSame(monitor.reading?.depthByPriority, byPriority({ 5: 3 }))
  await redis.start()
  t.strictSame((await nextReading()).depthByPriority, byPriority({}), 'a Redis without its data')
})

t.test('a listener that fails is reported, costs the others no reading and no loss, and does not lose the queue', async (t) => {
  const { monitor, redis, failures, losses, nextReading } = await startMonitor(t, 400)
  const later: (QueueReading | Error)[] = []
  for (const on of ['onReading', 'onLost'] as const) {
    monitor[on](() => { throw new Error(on) })
    monitor[on]((news: QueueReading | Error) => { later.push(news) })
  }
  monitor.start()
  const reading = await nextReading()
  t.ok(later.includes(reading))
  t.strictSame(losses, [])
  t.strictSame([...new Set(failures.map(({ message }) => message))], ['onReading'])
  await redis.kill()
  await eventually('the later listener gets the loss', () => later.includes(losses[0] as Error))
  t.equal(failures.at(-1)?.message, 'onLost')
})

t.test('announces the process again and again, and withdraws it', async (t) => {
  const { monitor, clock, connection, queue, nextReading } = await startMonitor(t)
  const { fleet } = queue.keys
  let counts: Record<string, number> = {}
  const isAnnounced = async () => {
    await connection.hdel(fleet, MEMBER.id)
    await nextReading()
    return await connection.hexists(fleet, MEMBER.id) === 1
  }
  monitor.announce(() => MEMBER)
  monitor.bookAdmissions(() => { const taken = counts; counts = {}; return taken })
  monitor.start()
  t.match((await nextReading()).fleet.members, [MEMBER])
  t.notOk(await isAnnounced(), 'not with every reading')
  await queue.add(batchOf(1))
  await nextReading()
  clock.now += 999
  t.notOk(await isAnnounced())
  clock.now += 1
  t.ok(await isAnnounced(), 'but every second while the queue changes')
  clock.now += 3_990
  t.notOk(await isAnnounced(), 'less often at rest')
  clock.now += 5
  t.ok(await isAnnounced(), 'so that its record does not end before the next reading')
  clock.now += 1_000
  counts = { 'admission:received:low': 1, 'admission:shed:low': 1 }
  t.ok(await isAnnounced(), 'a process that refuses events is not at rest')
  await monitor.withdraw()
  clock.now += 10_000
  await nextReading()
  t.equal(await connection.hexists(fleet, MEMBER.id), 0)
  await monitor.withdraw()
})

t.test('announces a change at once', async (t) => {
  const { monitor, nextReading } = await startMonitor(t)
  let settingsVersion = 0
  monitor.announce(() => ({ ...MEMBER, settingsVersion }))
  monitor.start()
  await nextReading()
  settingsVersion = 1
  t.match((await nextReading()).fleet.members, [{ settingsVersion: 1 }], 'though its second is not over')
})

t.test('books what it has counted when it stops, unless the queue is lost', async (t) => {
  const { monitor, queue, redis, losses } = await startMonitor(t, 1_000_000)
  let taken = 0
  let count = 0
  monitor.bookAdmissions((): Record<string, number> => {
    taken++
    return count === 0 ? {} : { 'admission:received:low': count }
  })
  monitor.start()
  await eventually('it has read', () => taken === 1)
  count = 3
  await monitor.stop()
  t.equal((await queue.sample()).ledger.admission.low.received, 3)
  await redis.kill()
  monitor.lose(new Error('the connection broke'))
  await monitor.stop()
  t.equal(taken, 2)
  t.equal(losses.length, 1)
})

t.test('the reports of policies go along, and are no change to announce at once', async (t) => {
  const { monitor, clock, nextReading } = await startMonitor(t)
  let count = 1
  const sharesOf = ({ fleet }: QueueReading) => fleet.members[0]?.shares
  monitor.announce(() => MEMBER, () => ({ quota: { acme: count } }))
  monitor.start()
  t.strictSame(sharesOf(await nextReading()), { quota: { acme: 1 } })
  count = 2
  t.strictSame(sharesOf(await nextReading()), { quota: { acme: 1 } })
  clock.now += 4_000
  t.strictSame(sharesOf(await nextReading()), { quota: { acme: 2 } })
})

t.test('a process that Redis does not hear of withdraws all the same', async (t) => {
  const { monitor, redis } = await startMonitor(t)
  monitor.announce(() => MEMBER)
  await redis.kill()
  await t.resolves(monitor.withdraw())
})

t.test('compares the ledger with the jobs every ten seconds and says what it corrected', async (t) => {
  const { monitor, clock, queue, bullmq, corrections, nextReading } = await startMonitor(t)
  const batch = batchOf(7)
  await queue.add(batch)
  monitor.start()
  await (await bullmq.getJob(batch.id))?.remove()
  t.strictSame((await nextReading()).depthByPriority, byPriority({ 5: 7 }))
  clock.now = 10_000
  await eventually('it is corrected', async () => (await nextReading()).depthByPriority[5] === 0)
  t.strictSame(corrections, [7])
})

t.test('a recount that fails does not lose the reading', async (t) => {
  // One reading and no second: at a short interval a Redis that is slow to answer counts as lost too.
  const { monitor, clock, connection, queue, losses, readings } = await startMonitor(t, 1_000_000)
  await queue.add(batchOf(1))
  await connection.hincrby(queue.keys.ledger, 'settled:5', -1)
  await connection.config('SET', 'maxmemory', '1')
  clock.now = 10_000
  monitor.start()
  await eventually('the queue is read', () => readings.length + losses.length > 0)
  t.match(await connection.info('errorstats'), /errorstat_OOM:count=[1-9]/, 'the recount has failed')
  t.strictSame(readings.map(({ depthByPriority }) => depthByPriority), [byPriority({ 5: 2 })])
  t.strictSame(losses.map(({ message }) => message), [])
})
