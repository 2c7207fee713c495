import type { Test } from 'tap'
import t from 'tap'
import { QueueMonitor } from '../../../services/queue/queue-monitor.ts'
import type { QueueReading, WorkerEntry } from '../../../services/queue/reading.ts'
import { eventually } from '../../../rig/eventually.ts'
import { batchOf, byPriority, startQueue } from './setup.ts'

const WORKER: WorkerEntry = {
  id: 'w1', hostname: 'h', pid: 7, concurrency: 20, startedAt: '2026-03-01T10:00:00.000Z', handlers: ['delivery'],
  holds: []
}

/** A monitor on a real queue, with a clock in the hand of the test. */
async function startMonitor (t: Test, intervalMs = 5) {
  const clock = { now: 0 }
  const corrections: number[] = []
  const started = await startQueue(t, undefined, { now: () => clock.now, onCorrected: (events) => { corrections.push(events) } })
  const readings: QueueReading[] = []
  const losses: Error[] = []
  const monitor = new QueueMonitor({ queue: started.queue, intervalMs, now: () => clock.now })
  monitor.onReading((reading) => { readings.push(reading) })
  monitor.onLost((error) => { losses.push(error) })
  t.teardown(() => monitor.stop())
  const nextReading = async () => {
    const { length } = readings
    // The one in progress may have begun before what the test did last.
    await eventually('the next reading', () => readings.length >= length + 2)
    return readings.at(-1) as QueueReading
  }
  return { ...started, monitor, clock, corrections, readings, losses, nextReading }
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

t.test('announces a worker again and again, and withdraws it', async (t) => {
  const { monitor, clock, connection, queue, nextReading } = await startMonitor(t)
  const workers = queue.keys.workers
  const entry = JSON.stringify(WORKER)
  monitor.announceWorker(WORKER)
  monitor.start()
  t.strictSame((await nextReading()).workers, [WORKER])
  await connection.zrem(workers, entry)
  await nextReading()
  t.equal(await connection.zscore(workers, entry), null, 'not with every reading')
  clock.now += 1_000
  t.strictSame((await nextReading()).workers, [WORKER], 'but every second')
  await monitor.withdrawWorker()
  clock.now += 10_000
  t.strictSame((await nextReading()).workers, [])
  await monitor.withdrawWorker()
})

t.test('tells at once when the entry of a worker changes', async (t) => {
  const { monitor, nextReading } = await startMonitor(t)
  monitor.announceWorker(WORKER)
  monitor.start()
  await nextReading()
  const held: WorkerEntry = { ...WORKER, holds: ['no-handlers'] }
  monitor.announceWorker(held)
  t.strictSame((await nextReading()).workers, [held], 'though its second is not over')
})

t.test('a worker that Redis does not hear of withdraws all the same', async (t) => {
  const { monitor, redis } = await startMonitor(t)
  monitor.announceWorker(WORKER)
  await redis.kill()
  await t.resolves(monitor.withdrawWorker())
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
