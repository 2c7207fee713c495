import t, { type Test } from 'tap'
import type { BatchSettlement } from '../../../services/queue/batch.ts'
import { eventHandler, startApp } from '../../app.ts'
import { capturedLog } from '../../captured-log.ts'
import { eventually } from '../../../rig/eventually.ts'
import { batchOf, byPriority, startQueue, startTaking } from './setup.ts'

const DONE: BatchSettlement = { done: 3, dead: 0, requeued: 0 }

async function startSettled (t: Test) {
  const started = await startQueue(t)
  const { queue } = started
  const taking = await startTaking(t, started)
  const { keys } = queue
  const batch = batchOf(3)
  await queue.add(batch)
  await queue.add(batchOf(1, 9))
  await taking.complete(DONE)
  await queue.sample()
  const expectUnchanged = async (t: Test, message: string) => {
    t.equal(await queue.recount(), 0, `${message}: a recount finds nothing`)
    const { depthByPriority, done, dead, balance } = await queue.sample()
    t.strictSame(
      { depthByPriority, done, dead, off: balance.imbalance.queue },
      { depthByPriority: byPriority({ 9: 1 }), done: 3, dead: 0, off: 0 },
      message
    )
  }
  return { ...started, ...taking, keys, batch, expectUnchanged }
}

t.test('a settled batch that turns up again shifts neither depth nor balance', async (t) => {
  const { queue, connection, keys, batch, expectUnchanged, complete } = await startSettled(t)
  await connection.lpush(keys.jobs.active, batch.id, batch.id)
  await expectUnchanged(t, 'in work, twice')
  await connection.del(keys.jobs.active)
  await connection.rpush(keys.jobs.wait, batch.id)
  await expectUnchanged(t, 'waiting')
  await complete(DONE)
  await expectUnchanged(t, 'finished again')
  t.ok(Number(await connection.hget(keys.jobs.of(batch.id), 'settled')) > 0, 'its stub is still there')
  await connection.zadd(keys.jobs.failed, 1, batch.id)
  await expectUnchanged(t, 'given up')
  t.equal(await queue.of(batch.id).settleFailed(batch.id), true)
  t.equal(await connection.zcard(keys.jobs.failed), 0)
  await expectUnchanged(t, 'taken off the list')
})

t.test('nor does one whose stub is gone', async (t) => {
  const { connection, keys, batch, expectUnchanged, complete } = await startSettled(t)
  await connection.del(keys.jobs.of(batch.id))
  await connection.rpush(keys.jobs.wait, batch.id)
  await complete(DONE)
  await expectUnchanged(t, 'finished again')
  t.equal(await connection.exists(keys.jobs.of(batch.id)), 0, 'and nothing of it stays')
})

t.test('a batch that is in work twice counts once', async (t) => {
  const { queue, connection, keys, take } = await startSettled(t)
  const { id } = await take()
  await connection.lpush(keys.jobs.active, id as string)
  t.equal(await queue.recount(), 0)
  t.strictSame((await queue.sample()).activeByPriority, byPriority({ 9: 1 }))
})

t.test('a worker that takes one ends it without effect', async (t) => {
  const { redis, connection, keys, batch } = await startSettled(t)
  const handled: unknown[] = []
  const { lines, log } = capturedLog('warn')
  await connection.multi().rpush(keys.jobs.wait, batch.id).zadd(keys.jobs.marker, 0, '0').exec()
  const { app } = await startApp(t, {
    redis,
    env: { ROLE: 'all' },
    log,
    handlers: [
      eventHandler(({ id }) => {
        handled.push(id)
        return { status: 'done' }
      })
    ]
  })
  await eventually(
    'all is settled',
    async () =>
      app.queueMonitor.reading?.done === 4 &&
      (await connection.llen(keys.jobs.active)) === 0 &&
      (await connection.zcard(keys.jobs.completed)) === 0
  )
  t.equal(handled.length, 1, 'the other batch was handled')
  t.equal(await connection.zcard(keys.jobs.failed), 0)
  t.strictSame(app.queueMonitor.reading?.balance.imbalance, { admission: 0, queue: 0 })
  t.strictSame(lines.filter(({ event }) => event === 'batch-without-events').map(({ batch }) => batch), [batch.id])
})
