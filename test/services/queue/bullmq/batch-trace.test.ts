import { UnrecoverableError } from 'bullmq'
import t, { type Test } from 'tap'
import { textDigest } from '../../../../services/event/text-digest.ts'
import { childBatch, newBatch } from '../../../../services/queue/batch.ts'
import { BatchTracer } from '../../../../services/queue/bullmq/batch-trace.ts'
import { batchOf, eventsOf, startQueue, startTaking } from '../setup.ts'

async function startTracing (t: Test) {
  const started = await startQueue(t)
  return {
    ...started,
    ...await startTaking(t, started),
    tracer: new BatchTracer(started.connection, started.queue.keys)
  }
}

t.test('tells each state of a batch, and all that it needs to be told', async (t) => {
  const { queue, tracer, take } = await startTracing(t)
  const batch = batchOf(3)
  t.strictSame(await tracer.trace(batch.id), { state: 'missing' })
  const before = Date.now()
  await queue.add(batch)
  const { addedMs, ...waiting } = await tracer.trace(batch.id) as { addedMs: number }
  t.strictSame(waiting, { state: 'waiting', events: batch.events })
  t.ok(addedMs >= before && addedMs <= Date.now())
  const job = await take()
  const { startedMs, ...active } = await tracer.trace(batch.id) as { startedMs: number }
  t.strictSame(active, { state: 'active', addedMs, events: batch.events })
  t.ok(startedMs >= addedMs)
  const moves = [['5-1-0-elsewhere', [2]]] as const
  await job.moveToCompleted({ done: 1, dead: 1, requeued: 1, deadIndexes: [0], moves }, 'token', false)
  const { settledMs, ...completed } = await tracer.trace(batch.id) as { settledMs: number }
  t.strictSame(completed, {
    state: 'settled', addedMs, startedMs, deadIndexes: [0], expiredIndexes: [], moves
  }, 'before it is settled')
  t.ok(settledMs >= startedMs)
  await queue.sample()
  const settled = await tracer.trace(batch.id) as { settledMs: number }
  t.match(settled, completed, 'and after')
  t.ok(settled.settledMs >= settledMs)
})

t.test('a batch that is all done tells no events', async (t) => {
  const { queue, tracer, complete } = await startTracing(t)
  const batch = batchOf(3)
  await queue.add(batch)
  await complete({ done: 3, dead: 0, requeued: 0 })
  await queue.sample()
  t.match(await tracer.trace(batch.id), { state: 'settled', deadIndexes: [], moves: [] })
})

t.test('a result that is none is read as that of a batch without dead letters and moves', async (t) => {
  const { queue, tracer, complete } = await startTracing(t)
  for (const result of [undefined, 'words', null as never, 5 as never]) {
    const batch = batchOf(1)
    await queue.add(batch)
    await complete(result)
    t.match(await tracer.trace(batch.id), { state: 'settled', deadIndexes: [], moves: [] })
  }
})

t.test('tells when a batch that was put off is due', async (t) => {
  const { queue, tracer } = await startTracing(t)
  const child = childBatch('5-2-0-a', 5, eventsOf(1), [1])
  const before = Date.now()
  await queue.requeue(child, 60_000, '5-2-0-a')
  const { dueMs, ...trace } = await tracer.trace(child.id) as { dueMs: number }
  t.match(trace, { state: 'delayed', events: child.events })
  t.ok(dueMs >= before + 60_000 && dueMs <= Date.now() + 60_000)
})

t.test('a batch whose worker died waits again, and one that was given up has failed', async (t) => {
  const { queue, tracer, take, connection } = await startTracing(t)
  const batch = batchOf(1)
  await queue.add(batch)
  await take()
  // As BullMQ does with what stalled.
  await connection.multi().lrem(queue.keys.jobs.active, 1, batch.id).rpush(queue.keys.jobs.wait, batch.id).exec()
  t.match(await tracer.trace(batch.id), { state: 'waiting' })
  const job = await take()
  t.match(await tracer.trace(batch.id), { state: 'active' })
  await job.moveToFailed(new UnrecoverableError('broken'), 'token', false)
  t.match(await tracer.trace(batch.id), { state: 'failed', events: batch.events })
  await queue.of(batch.id).settleFailed(batch.id)
  t.strictSame(await tracer.trace(batch.id), { state: 'missing' })
})

t.test('a batch with duplicates tells where the others went', async (t) => {
  const { queue, tracer } = await startTracing(t)
  await queue.add(newBatch(5, eventsOf(1), ['k']))
  const mixed = newBatch(5, eventsOf(3), [null, 'k', null])
  await queue.add(mixed)
  const trace = await tracer.trace(mixed.id) as { state: string, moves: [string, number[]][] }
  t.match(trace, { state: 'void', moves: [[/^5-2-/, [0, 2]]] })
  t.match(await tracer.trace(trace.moves[0]?.[0] as string), {
    state: 'waiting',
    events: [{ payload: 0 }, { payload: 2 }]
  })
  const repeated = newBatch(5, eventsOf(1), ['k'])
  await queue.add(repeated)
  t.strictSame(await tracer.trace(repeated.id), { state: 'void', moves: [] })
})

t.test('finds what is remembered by the first digest that is known', async (t) => {
  const { queue, tracer } = await startTracing(t)
  const batch = newBatch(5, [{ ...eventsOf(1)[0]!, id: '' }, { ...eventsOf(1)[0]!, id: 'with a space' }], ['k0', 'k1'])
  await queue.add(batch)
  t.strictSame(await tracer.remembered([]), [])
  t.strictSame(await tracer.remembered(['k2', 'k3']), [undefined, undefined])
  const known = { priority: 5, typeDigest: textDigest('x') }
  t.strictSame((await tracer.remembered(['k0', 'k1']))[0], { place: `${batch.id}.0`, id: batch.events[0]?.id, ...known })
  t.strictSame(
    await tracer.remembered(['k2', 'k1']), [undefined, { place: `${batch.id}.1`, id: 'with a space', ...known }]
  )
})

t.test('the secret of a batch stays as long as it can be asked for, whatever becomes of it', async (t) => {
  const { queue, tracer, take } = await startTracing(t)
  const unnamed = (count: number) => eventsOf(count).map((event) => ({ ...event, id: '' }))
  const batch = newBatch(5, unnamed(2))
  await queue.add(batch)
  const secretOf = async (batchId: string) => (await tracer.trace(batchId) as { secret?: string }).secret
  t.match(batch.secret, /^[\w-]{32}$/)
  t.equal(await secretOf(batch.id), batch.secret, 'while it waits')
  const job = await take()
  t.equal(await secretOf(batch.id), batch.secret, 'in work')
  await job.moveToCompleted({ done: 2, dead: 0, requeued: 0 }, 'token', false)
  t.equal(await secretOf(batch.id), batch.secret, 'before it is settled')
  await queue.sample()
  t.equal(await secretOf(batch.id), batch.secret, 'and after')
  await queue.add(newBatch(5, eventsOf(1), ['known']))
  const mixed = newBatch(5, unnamed(2), ['known', null])
  await queue.add(mixed)
  t.equal(await secretOf(mixed.id), mixed.secret, 'and where its events went on without it')
})

t.test('costs as many calls as there are batches to ask, whatever the queue holds', async (t) => {
  const { queue, tracer, connection } = await startTracing(t)
  const batch = batchOf(1)
  await queue.add(batch)
  for (let count = 0; count < 50; count++) await queue.add(batchOf(1))
  await tracer.trace(batch.id)
  await connection.config('RESETSTAT')
  await tracer.trace(batch.id)
  const calls = [...(await connection.info('commandstats')).matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)].map((
    [, name, count]
  ) => [name, Number(count)])
  t.notOk(calls.some(([name]) => ['lrange', 'zrange', 'keys', 'scan', 'hgetall'].includes(name as string)))
  t.ok(calls.reduce((sum, [, count]) => sum + (count as number), 0) < 15, JSON.stringify(calls))
})

t.test('rejects while Redis is away', async (t) => {
  const { redis, tracer } = await startTracing(t)
  await redis.kill()
  await t.rejects(tracer.trace('5-1-0-a'))
  await t.rejects(tracer.remembered(['k']))
})
