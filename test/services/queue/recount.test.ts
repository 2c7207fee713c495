import { UnrecoverableError } from 'bullmq'
import t from 'tap'
import { HOUR_MS, batchOf, byPriority, startQueue, startTaking } from './setup.ts'

t.test('a recount finds nothing where everything is right', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const { take, complete, fail } = await startTaking(t, started)
  for (const count of [1, 2, 3, 4]) await queue.add(batchOf(count))
  await queue.requeue(batchOf(5, 7), HOUR_MS, 'parent')
  await complete({ done: 1, dead: 0, requeued: 0 })
  await fail(new UnrecoverableError('broken'))
  await take()
  const before = await queue.sample()
  await queue.add(batchOf(6))
  await complete({ done: 4, dead: 0, requeued: 0 })
  t.equal(await queue.recount(), 0, 'with jobs that wait, run, are delayed, completed and failed')
  t.strictSame(before.depthByPriority, byPriority({ 5: 9 }))
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 5: 11 }))
})

t.test('a recount corrects what went around the ledger', async (t) => {
  const started = await startQueue(t)
  const { queue, bullmq, connection } = started
  const removed = batchOf(7, 2)
  await queue.add(removed)
  await queue.add(batchOf(3, 2))
  await queue.add(batchOf(1, 9))
  await (await bullmq.getJob(removed.id))?.remove()
  t.equal(await queue.recount(), 7, 'a job removed by hand')
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 2: 3, 9: 1 }))
  await connection.del(queue.keys.ledger)
  t.equal(await queue.recount(), 4, 'a ledger that is gone')
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 2: 3, 9: 1 }))
  await bullmq.obliterate({ force: true })
  await queue.recount()
  t.strictSame((await queue.sample()).depthByPriority, byPriority({}), 'a queue obliterated')
})

t.test('a failed job is booked and removed once its events are dead letters', async (t) => {
  const started = await startQueue(t)
  const { queue, bullmq } = started
  const { fail } = await startTaking(t, started)
  const batch = batchOf(4, 6)
  await queue.add(batch)
  await fail(new UnrecoverableError('broken'))
  t.match(await queue.sample(), { depthByPriority: byPriority({ 6: 4 }), dead: 0, jobs: { failed: 1 } })
  await Promise.all([queue.of(batch.id).settleFailed(batch.id), queue.of(batch.id).settleFailed(batch.id)])
  t.match(await queue.sample(), { depthByPriority: byPriority({}), dead: 4, done: 0, jobs: { failed: 0 } })
  t.equal(await bullmq.getJob(batch.id), undefined)
})

t.test('jobs of others in the queue are not counted and left alone', async (t) => {
  const started = await startQueue(t)
  const { queue, bullmq } = started
  const { take, fail } = await startTaking(t, started)
  const ids = [
    (await bullmq.add('foreign', {} as never)).id,
    (await bullmq.add('foreign', {} as never, { priority: 2 })).id
  ]
  await take()
  await fail(new UnrecoverableError('not for us'))
  ids.push(
    (await bullmq.add('foreign', {} as never, { jobId: 'report-2026' })).id,
    (await bullmq.add('foreign', {} as never, { delay: HOUR_MS })).id
  )
  await queue.add(batchOf(2))
  t.match(await queue.sample(), {
    depthByPriority: byPriority({ 5: 2 }),
    activeByPriority: byPriority({}),
    delayedByPriority: byPriority({})
  })
  t.equal(await queue.recount(), 0)
  for (const id of ids) t.ok(await bullmq.getJob(id as string), `${id} is there`)
})

t.test('a finished job of others is removed and not booked', async (t) => {
  const started = await startQueue(t)
  const { complete } = await startTaking(t, started)
  const { id } = await started.bullmq.add('foreign', {} as never)
  await complete('theirs')
  t.match(await started.queue.sample(), { done: 0, dead: 0, jobs: { unsettled: 0 } })
  t.equal(await started.bullmq.getJob(id as string), undefined)
})
