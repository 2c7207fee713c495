import { UnrecoverableError } from 'bullmq'
import t, { type Test } from 'tap'
import { newBatch } from '../../services/queue/batch.ts'
import type { Damage } from '../../services/queue/repair.ts'
import type { ShardOptions } from '../../services/queue/shard.ts'
import { FailedBatches } from '../../workers/failed-batches.ts'
import { capturedLog } from '../captured-log.ts'
import { batchOf, byPriority, eventsOf, deadLettersIn, startQueue, startTaking } from '../services/queue/setup.ts'

async function startFailedBatches (
  t: Test, onError: (error: Error) => void = (error) => { throw error }, options: Partial<ShardOptions> = {}
) {
  const started = await startQueue(t, undefined, options)
  const { log, lines } = capturedLog()
  const failedBatches = new FailedBatches({
    queue: started.queue,
    deadLetters: started.deadLetters,
    log,
    onError
  })
  return { ...started, failedBatches, lines }
}

t.test('makes dead letters of the events of a job that BullMQ gave up on', async (t) => {
  const { redis, queue, bullmq, deadLetters, failedBatches, lines } = await startFailedBatches(t)
  const { fail } = await startTaking(t, { redis })
  const foreign = await bullmq.add('foreign', {} as never)
  await fail(new UnrecoverableError('not for us'))
  const batch = newBatch(2, [{ ...eventsOf(1, 2)[0]!, payloadText: '0.0' }, { ...eventsOf(2, 2)[1]!, attempt: 3 }])
  await queue.add(batch)
  await fail(new UnrecoverableError('job stalled more than allowable limit'))
  failedBatches.begin(2)
  failedBatches.begin(2)
  await failedBatches.ended()
  t.equal((await queue.sample()).dead, 2)
  const stored = (await deadLettersIn(deadLetters)).toSorted((a, b) => a.attempts - b.attempts)
  t.match(stored, [
    {
      event: { id: 'e0', payload: 0, payloadText: '0.0' },
      reason: 'batch-failed',
      error: 'job stalled more than allowable limit',
      attempts: 1
    },
    {
      event: { id: 'e1', payload: 1 },
      reason: 'batch-failed',
      error: 'job stalled more than allowable limit',
      attempts: 3
    }
  ])
  t.equal(stored.length, 2)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({}))
  t.equal(await bullmq.getJob(batch.id), undefined)
  t.ok(await bullmq.getJob(foreign.id as string), 'a failed job of others is left alone')
  t.match(lines.filter(({ event }) => event === 'batch-given-up'), [{ level: 50, batch: batch.id }])
})

t.test('a failed job without events does not hold up the move to dead letters of the others', async (t) => {
  const { redis, queue, bullmq, failedBatches } = await startFailedBatches(t)
  const { fail } = await startTaking(t, { redis })
  await queue.add(batchOf(2))
  await fail(new UnrecoverableError('broken'))
  await bullmq.add('batch', {} as never, { jobId: '5-1-0-by-hand' })
  await fail(new UnrecoverableError('not a batch of events'))
  failedBatches.begin(2)
  await failedBatches.ended()
  t.equal((await queue.sample()).dead, 2)
})

t.test('makes no dead letters of a batch whose data have changed, and goes on with the next one', async (t) => {
  const damages: Damage[] = []
  const { redis, queue, connection, deadLetters, failedBatches } = await startFailedBatches(t, () => {}, {
    onDamage: (damage) => { damages.push(damage) }
  })
  const { fail } = await startTaking(t, { redis })
  const [damaged, sound] = [batchOf(3), batchOf(2)]
  for (const batch of [damaged, sound]) {
    await queue.add(batch)
    await fail(new UnrecoverableError('broken'))
  }
  const key = queue.keys.jobs.of(damaged.id)
  await connection.hset(key, 'data', (await connection.hget(key, 'data') ?? '').replace('"payload":0', '"payload":1'))
  failedBatches.begin(2)
  await failedBatches.ended()
  t.match(damages, [{ key, batch: { id: damaged.id, priority: 5, events: 3 } }])
  t.equal(await connection.exists(damages[0]?.keptAs as string), 1, 'its job is kept')
  failedBatches.begin(1)
  await failedBatches.ended()
  t.equal((await queue.sample()).dead, 2)
  t.equal((await deadLettersIn(deadLetters)).length, 2)
})

t.test('does not look again at failed jobs that are all of others', async (t) => {
  const { redis, bullmq, failedBatches, connection } = await startFailedBatches(t)
  const { fail } = await startTaking(t, { redis })
  await bullmq.add('foreign', {} as never)
  await fail(new UnrecoverableError('not for us'))
  failedBatches.begin(1)
  await failedBatches.ended()
  const calls = async () => /cmdstat_hgetall:calls=(\d+)/.exec(await connection.info('commandstats'))?.[1]
  const before = await calls()
  failedBatches.begin(1)
  await failedBatches.ended()
  t.equal(await calls(), before)
})
