/*
 * All that Spillway takes for granted of the inside of BullMQ. An upgrade of BullMQ that passes this test keeps what
 * the scripts in services/queue/bullmq/lua/, the clock of Redis and the repair of damaged keys rely on; one that fails
 * says which of them to look at.
 */
import { Queue, UnrecoverableError, Worker, type Job, type RedisQueueBackend } from 'bullmq'
import t, { type Test } from 'tap'
import { JobKeys } from '../../../../services/queue/bullmq/job-keys.ts'
import { BatchQueue } from '../../../../services/queue/bullmq/batch-queue.ts'
import { LEAST_CHARGE } from '../../../../services/organizations/fair-order.ts'
import { SCORES_PER_MS, SCORES_PER_RANK } from '../../../../services/queue/bullmq/scores.ts'
import { QUEUE_NAME } from '../../../../services/queue/keys.ts'
import { LAST_RANK } from '../../../../services/queue/rank.ts'
import { connectForWorker } from '../../../../services/redis/connection.ts'
import { connectPatiently } from '../../../patient-connection.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { KEYS } from '../../../queue-keys.ts'
import { startRedis } from '../../../../rig/redis.ts'

const TOKEN = 'token'
const DELAY_MS = 3_600_000

interface Scripts {
  readonly scriptsSet: Readonly<Record<string, { readonly lua: string, readonly numberOfKeys: number }>>
}

/** BullMQ as it comes, on the keys of a shard, without anything of Spillway between. */
async function startBullmq (t: Test) {
  const redis = await startRedis(t)
  const [connection, blocking] = [connectPatiently(redis.url), connectForWorker(redis.url)]
  for (const each of [connection, blocking]) each.on('error', () => {})
  const options = { prefix: KEYS.root, skipVersionCheck: true }
  const queue = new Queue(QUEUE_NAME, { ...options, connection })
  const worker = new Worker(QUEUE_NAME, null, { ...options, connection: blocking, maxStalledCount: 100 })
  queue.on('error', () => {})
  worker.on('error', () => {})
  t.teardown(async () => {
    await Promise.all([queue.close(), worker.close()])
    for (const each of [connection, blocking]) each.disconnect()
  })
  await eventually('the connection is ready', () => connection.status === 'ready')
  const take = async (): Promise<Job> => {
    const job = await worker.getNextJob(TOKEN)
    if (job === undefined) throw new Error('no job to take')
    return job
  }
  const add = async (priority: number, delay = 0) =>
    (await queue.add('batch', { events: [] }, { priority, delay })).id as string
  return {
    redis,
    connection,
    queue,
    worker,
    backend: worker.getBackend() as RedisQueueBackend,
    take,
    add,
    keys: KEYS.jobs
  }
}

t.test('keys have the names that JobKeys gives them', async (t) => {
  const { queue, keys } = await startBullmq(t)
  const { prefix, priorityCounter, lastId, stalledCheck, ...plain } = keys
  t.equal(queue.toKey(''), prefix)
  t.equal(queue.toKey('5-1-0-x'), keys.of('5-1-0-x'))
  for (const [name, key] of Object.entries(plain)) t.equal(queue.toKey(name), key)
  const named: Readonly<Record<string, string>> = queue.keys
  t.match(named, { pc: priorityCounter, id: lastId, 'stalled-check': stalledCheck })
  t.strictSame(new JobKeys('bull', 'events').wait, 'bull:events:wait', 'as under the default prefix')
})

t.test('what waits is ordered by rank and a count below it, what is delayed by milliseconds and a count below them', async (t) => {
  const { connection, keys, add } = await startBullmq(t)
  const [third, first, second] = [await add(7), await add(3), await add(3)]
  t.strictSame(await connection.zrange(keys.prioritized, '0', '-1'), [first, second, third])
  const scores = await Promise
    .all([first, second, third].map(async (id) => Number(await connection.zscore(keys.prioritized, id))))
  t.strictSame(scores.map((score) => Math.floor(score / SCORES_PER_RANK)), [3, 3, 7])
  const counter = Number(await connection.get(keys.priorityCounter))
  t.ok(scores.every((score) => score % SCORES_PER_RANK <= counter), 'the counts are those of the counter')
  t.equal(await connection.zscore(keys.marker, '0'), '0', 'a marker wakes workers')

  const delayed = await add(3, DELAY_MS)
  const dueMs = Number(await connection.hget(keys.of(delayed), 'timestamp')) + DELAY_MS
  t.equal(Math.floor(Number(await connection.zscore(keys.delayed, delayed)) / SCORES_PER_MS), dueMs)
})

t.test('a count follows the counter wherever it stands, and jobs are taken by the scores that they have then', async (t) => {
  const { connection, keys, add, take } = await startBullmq(t)
  const first = await add(3)
  await connection.set(keys.priorityCounter, 1_000)
  const second = await add(3)
  t.equal(Number(await connection.zscore(keys.prioritized, second)), 3 * SCORES_PER_RANK + 1_001)
  const third = await add(3)
  await connection.zadd(keys.prioritized, 3 * SCORES_PER_RANK + 1_000.5, third)
  t.strictSame([(await take()).id, (await take()).id, (await take()).id], [first, third, second])
  const highest = (LAST_RANK + 1) * SCORES_PER_RANK - 1
  const scores = [LEAST_CHARGE, 2 * LEAST_CHARGE].map((charge) => highest + charge)
  t.ok(scores[0]! < scores[1]!, 'the least charges tell scores of the last rank apart')
})

t.test('the hash of a job has the fields that scripts and receipts read, in every state', async (t) => {
  const { connection, keys, add, take } = await startBullmq(t)
  const fieldsOf = (id: string) => connection.hgetall(keys.of(id))
  const id = await add(4)
  t.match(await fieldsOf(id), {
    name: 'batch',
    data: '{"events":[]}',
    opts: /^\{/,
    timestamp: /^\d{13}$/,
    priority: '4'
  })
  const job = await take()
  t.match(await fieldsOf(id), { processedOn: /^\d{13}$/ })
  t.strictSame(await connection.lrange(keys.active, 0, -1), [id])
  t.equal(await connection.get(keys.lockOf(id)), TOKEN)
  await job.moveToCompleted({ done: 1 }, TOKEN, false)
  const { finishedOn } = await fieldsOf(id)
  t.match(await fieldsOf(id), { finishedOn: /^\d{13}$/, returnvalue: '{"done":1}' })
  t.equal(await connection.zscore(keys.completed, id), finishedOn)
  t.equal(await connection.exists(keys.lockOf(id)), 0)

  const failing = await add(4)
  await (await take()).moveToFailed(new UnrecoverableError('no'), TOKEN, false)
  t.match(await fieldsOf(failing), { failedReason: 'no', finishedOn: /^\d{13}$/ })
  t.notMatch(await fieldsOf(failing), { returnvalue: String })
  t.equal(await connection.zcard(keys.failed), 1)
})

t.test('a job whose lock is gone waits first, in the list of those without a priority, and counts its stalls', async (t) => {
  const { connection, backend, keys, add, take } = await startBullmq(t)
  const id = await add(4)
  await take()
  await connection.del(keys.lockOf(id))
  // The first look marks what is active, the second finds what still is without a lock.
  for (let look = 0; look < 2; look++) {
    await backend.moveStalledJobsToWait()
    await connection.del(keys.stalledCheck)
  }
  t.strictSame(await connection.lrange(keys.wait, 0, -1), [id])
  t.equal(await connection.hget(keys.of(id), 'stc'), '1')
  t.equal((await take()).stalledCounter, 1)
})

t.test('whatever stands under the key of a job, an add of its id does nothing', async (t) => {
  const { connection, queue, keys } = await startBullmq(t)
  await connection.hset(keys.of('5-1-0-stub'), 'void', 1)
  for (const delay of [0, DELAY_MS]) await queue.add('batch', {}, { jobId: '5-1-0-stub', priority: 5, delay })
  t.strictSame(await connection.hgetall(keys.of('5-1-0-stub')), { void: '1' })
  t.strictSame([await connection.zcard(keys.prioritized), await connection.zcard(keys.delayed)], [0, 0])
})

t.test('a pause of the queue is a field, and a pause for a time is the highest number under the key of the limiter', async (t) => {
  const { connection, queue, keys, add } = await startBullmq(t)
  await queue.pause()
  t.equal(await connection.hexists(keys.meta, 'paused'), 1)
  const id = await add(4)
  t.ok(await connection.zscore(keys.prioritized, id), 'jobs go where they always do')
  await queue.resume()
  t.equal(await connection.hexists(keys.meta, 'paused'), 0)
  await queue.rateLimit(60_000)
  t.ok(Number(await connection.get(keys.limiter)) >= Number.MAX_SAFE_INTEGER)
  t.ok(await connection.pttl(keys.limiter) > 0)
  t.ok(await queue.getRateLimitTtl(Number.MAX_SAFE_INTEGER) > 0)
  await queue.removeRateLimitKey()
  t.equal(await connection.exists(keys.limiter), 0)
})

t.test('an add can be recorded and sent as a script of the connection', async (t) => {
  const { connection, keys } = await startBullmq(t)
  const bullmq = new BatchQueue(connection, KEYS)
  bullmq.on('error', () => {})
  const { scriptsSet } = connection as unknown as Scripts
  for (
    const [id, delayMs, list] of [['5-1-0-now', 0, keys.prioritized], ['5-1-0-later', DELAY_MS, keys.delayed]] as const
  ) {
    const { name, args } = await bullmq.additionOf({ id, data: '{"events":[]}', rank: 5, delayMs })
    const numberOfKeys = scriptsSet[name]?.numberOfKeys ?? 0
    t.ok(numberOfKeys > 0, `${name} is a script of the connection`)
    for (const key of args.slice(0, numberOfKeys)) t.ok(String(key).startsWith(keys.prefix), 'its keys come first')
    t.equal(await connection.exists(keys.of(id)), 0, 'nothing was sent')
    await (connection as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name]?.(...args)
    t.ok(await connection.zscore(list, id))
    t.equal(await connection.hget(keys.of(id), 'data'), '{"events":[]}')
  }
})

/** Scripts of BullMQ that are given a time, with the sentence about its place at their heads. */
const STAMPED = {
  moveToActive: 'ARGV[2] timestamp', moveToFinished: 'ARGV[2]  timestamp', moveToDelayed: 'ARGV[2] timestamp',
  retryJob: 'ARGV[2]  timestamp', moveStalledJobsToWait: 'ARGV[3]  timestamp'
}

t.test('every script that writes a time of jobs is known, and follows the clock of Redis', async (t) => {
  const connection = connectPatiently((await startRedis(t)).url)
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  const bullmq = new BatchQueue(connection, KEYS)
  bullmq.on('error', () => {})
  await bullmq.waitUntilReady()
  const { scriptsSet } = connection as unknown as Scripts
  const luaOf = (name: string) =>
    Object.entries(scriptsSet).find(([command]) => command.startsWith(`${name}:`))?.[1].lua ?? ''
  for (const [name, place] of Object.entries(STAMPED)) {
    t.ok(luaOf(name).includes(place), `${name} still has its time there`)
    t.match(luaOf(name), /^local function spillwayRedisMs/, name)
  }
  for (const name of ['addDelayedJob', 'addPrioritizedJob', 'addStandardJob']) {
    t.match(luaOf(name), 'local timestamp = spillwayRedisMs()', name)
  }
  t.notMatch(luaOf('getCounts'), 'spillwayRedisMs', 'what takes no time is left as it is')
})

t.test('a worker learns when the next retry is due, waits for its marker and keeps its jobs in a map', async (t) => {
  const { connection, worker, backend, keys, add } = await startBullmq(t)
  const delayed = await add(3, DELAY_MS)
  const dueMs = Number(await connection.hget(keys.of(delayed), 'timestamp')) + DELAY_MS
  const [, , , due] = await backend.moveToActive(TOKEN)
  t.equal(due, dueMs)
  t.equal(await connection.zscore(keys.marker, '1'), String(dueMs))
  t.match(await backend.waitForJob(1), { member: '1', score: dueMs })
  const { lockManager } = worker as unknown as { lockManager: { trackedJobs: unknown } }
  t.type(lockManager.trackedJobs, Map)
})
