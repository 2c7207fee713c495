import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { QueueMonitor } from '../../../services/queue/queue-monitor.ts'
import { eventually } from '../../../rig/eventually.ts'
import type { RedisProcess } from '../../../rig/redis.ts'
import { batchOf, byPriority, startQueue, startTaking, type QueueForTest } from './setup.ts'

const HOUR_MS = 3_600_000
const DONE = { done: 3, dead: 0, requeued: 0 }

/** Gives the lease to a process that does nothing with it. */
async function giveAway ({ connection, queue }: QueueForTest): Promise<void> {
  await connection.set(queue.keys.settleLease, 'another process', 'PX', HOUR_MS)
}

/** Makes a connection one of a user whom Redis lets write nothing. */
async function forbidWrites ({ connection }: QueueForTest): Promise<void> {
  await connection.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '&*', '+@all', '-@write')
  await connection.call('AUTH', 'reader', 'secret')
}

function startProcess (t: Test, redis: RedisProcess) {
  const script = join(import.meta.dirname, 'settling-process.ts')
  const child = spawn(process.execPath, [script, redis.url], { stdio: 'inherit' })
  t.teardown(() => { child.kill('SIGKILL') })
  return child
}

t.test('a process without the lease writes nothing when it samples, and reads the same', async (t) => {
  const holder = await startQueue(t)
  const { queue, connection } = holder
  const { take } = await startTaking(t, holder)
  await queue.add(batchOf(3, 2))
  await queue.requeue(batchOf(2, 4), HOUR_MS, 'parent')
  await take()
  // Things that have run out, which the process that settles has not yet swept.
  await connection.hset(queue.keys.seenCounts, '1', '7')
  await connection.hset(queue.keys.due, '1:5', '7')
  await connection.hset(queue.keys.fleet, 'gone', '1 {}')
  await connection.hset(queue.keys.control, 'fleet', 1)
  await giveAway(holder)
  const reader = await startQueue(t, holder.redis)
  await forbidWrites(reader)
  const read = await reader.queue.sample()
  await connection.del(queue.keys.settleLease)
  const settled = await queue.sample()
  t.strictSame({ ...read, redisTimeMs: 0, memory: {} }, { ...settled, redisTimeMs: 0, memory: {} })
  t.match(read, {
    depthByPriority: byPriority({ 2: 3 }),
    activeByPriority: byPriority({ 2: 3 }),
    delayedByPriority: byPriority({ 4: 2 }),
    rememberedIds: 0, workers: []
  })
  t.equal(await connection.exists(queue.keys.seenCounts), 0, 'what has run out is swept')
  t.equal(await connection.hexists(queue.keys.due, '1:5'), 0)
  await connection.del(queue.keys.settleLease)
  await reader.queue.sample()
  const isForbidden = { message: /NOPERM|can't run this command/ }
  await t.rejects(reader.queue.sample(), isForbidden, 'this user could not have written')
})

t.test('what is finished is no part of the depth, settled or not', async (t) => {
  const started = await startQueue(t)
  const { complete } = await startTaking(t, started)
  await started.queue.add(batchOf(3))
  await started.queue.add(batchOf(4, 7))
  await complete(DONE)
  await giveAway(started)
  t.match(await started.queue.sample(), { depthByPriority: byPriority({ 7: 4 }), done: 0, jobs: { unsettled: 1 } })
})

t.test('a process that finds the lease free is behind until it has settled', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { complete } = await startTaking(t, started)
  await giveAway(started)
  await queue.add(batchOf(3))
  await complete(DONE)
  await queue.sample()
  t.equal(queue.isBehind, false, 'another process settles')
  await connection.del(queue.keys.settleLease)
  t.equal((await queue.sample()).done, 0)
  t.equal(queue.isBehind, true)
  t.equal((await queue.sample()).done, 3)
  t.equal(queue.isBehind, false)
})

t.test('one of two processes settles, and the other one does when that is killed', async (t) => {
  const started = await startQueue(t)
  const { redis, queue, connection, bullmq } = started
  const { complete } = await startTaking(t, started)
  const child = startProcess(t, redis)
  const holder = async () => await connection.get(queue.keys.settleLease) ?? undefined
  const first = await eventually('it holds the lease', holder)
  const monitor = new QueueMonitor({
    queue, intervalMs: 10, now: () => performance.now(), onListenerFailed: (error) => { throw error }
  })
  t.teardown(() => monitor.stop())
  monitor.start()
  await queue.add(batchOf(3))
  await queue.add(batchOf(3, 9))
  await complete(DONE)
  await eventually('the first batch is settled', () => monitor.reading?.done === 3)
  t.equal(await holder(), first, 'by the process that was there first')
  child.kill('SIGKILL')
  await eventually('it is dead', () => child.signalCode === 'SIGKILL')
  t.ok(await connection.pttl(queue.keys.settleLease) < 2_000, 'its lease ends within two seconds of Redis')
  await complete(DONE)
  await eventually('the second batch is settled', () => monitor.reading?.done === 6)
  t.not(await holder(), first)
  t.equal(await bullmq.getCompletedCount(), 0)
})

t.test('settles and books what is reported while Redis is full', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { complete } = await startTaking(t, started)
  await queue.add(batchOf(3))
  await complete(DONE)
  await connection.config('SET', 'maxmemory', '1')
  const counts = { 'admission:received:low': 2, 'admission:shed:low': 2 }
  t.match(await queue.sample({ takeCounts: () => counts }), {
    done: 3, ledger: { admission: { low: { received: 2, shed: 2 } } }
  })
})

t.test('does not read from a replica, which may be old', async (t) => {
  const started = await startQueue(t)
  await started.queue.sample()
  await giveAway(started)
  await started.queue.sample()
  await started.connection.call('REPLICAOF', '127.0.0.1', '1')
  await t.rejects(started.queue.sample(), { message: /^READONLY/ })
})
