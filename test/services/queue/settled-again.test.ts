import t, { type Test } from 'tap'
import { imbalance } from '../../../services/ledger/balance.ts'
import type { BatchSettlement } from '../../../services/queue/batch.ts'
import { eventHandler, startApp } from '../../app.ts'
import { capturedLog } from '../../captured-log.ts'
import { eventually } from '../../eventually.ts'
import { batchOf, byPriority, startQueue, startTaking } from './setup.ts'

const DONE: BatchSettlement = { done: 3, dead: 0, requeued: 0 }

async function startSettled (t: Test) {
  const started = await startQueue(t)
  const { queue, connection } = started
  const taking = await startTaking(t, started)
  const key = (name: string) => queue.bullmq.toKey(name)
  const batch = batchOf(3)
  await queue.add(batch)
  await queue.add(batchOf(1, 9))
  await taking.complete(DONE)
  await queue.ledger.sample()
  const expectUnchanged = async (t: Test, message: string) => {
    await connection.del(key('recount-lease'))
    t.equal(await queue.ledger.recount(), 0, `${message}: a recount finds nothing`)
    const { depthByPriority, done, dead, ledger } = await queue.ledger.sample()
    t.strictSame(
      { depthByPriority, done, dead, off: imbalance(ledger).queue },
      { depthByPriority: byPriority({ 9: 1 }), done: 3, dead: 0, off: 0 },
      message
    )
  }
  return { ...started, ...taking, key, batch, expectUnchanged }
}

t.test('a settled batch that turns up again shifts neither depth nor balance', async (t) => {
  const { queue, connection, key, batch, expectUnchanged, complete } = await startSettled(t)
  await connection.lpush(key('active'), batch.id, batch.id)
  await expectUnchanged(t, 'in work, twice')
  await connection.del(key('active'))
  await connection.rpush(key('wait'), batch.id)
  await expectUnchanged(t, 'waiting')
  await complete(DONE)
  await expectUnchanged(t, 'finished again')
  t.ok(Number(await connection.hget(key(batch.id), 'settled')) > 0, 'its stub is still there')
  await connection.zadd(key('failed'), 1, batch.id)
  await expectUnchanged(t, 'given up')
  t.equal(await queue.ledger.settleFailed(batch.id), true)
  t.equal(await connection.zcard(key('failed')), 0)
  await expectUnchanged(t, 'taken off the list')
})

t.test('nor does one whose stub is gone', async (t) => {
  const { connection, key, batch, expectUnchanged, complete } = await startSettled(t)
  await connection.del(key(batch.id))
  await connection.rpush(key('wait'), batch.id)
  await complete(DONE)
  await expectUnchanged(t, 'finished again')
  t.equal(await connection.exists(key(batch.id)), 0, 'and nothing of it stays')
})

t.test('a batch that is in work twice counts once', async (t) => {
  const { queue, connection, key, take } = await startSettled(t)
  const { id } = await take()
  await connection.lpush(key('active'), id as string)
  await connection.del(key('recount-lease'))
  t.equal(await queue.ledger.recount(), 0)
  t.strictSame((await queue.ledger.sample()).activeByPriority, byPriority({ 9: 1 }))
})

t.test('a worker that takes one ends it without effect', async (t) => {
  const { redis, connection, key, batch } = await startSettled(t)
  const handled: unknown[] = []
  const { lines, log } = capturedLog('warn')
  await connection.multi().rpush(key('wait'), batch.id).zadd(key('marker'), 0, '0').exec()
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
      (await connection.llen(key('active'))) === 0 &&
      (await connection.zcard(key('completed'))) === 0
  )
  t.equal(handled.length, 1, 'the other batch was handled')
  t.equal(await connection.zcard(key('failed')), 0)
  t.strictSame(imbalance(app.queueMonitor.reading?.ledger ?? {}), { door: 0, queue: 0 })
  t.strictSame(lines.filter(({ event }) => event === 'batch-without-events').map(({ batch }) => batch), [batch.id])
})
