import t from 'tap'
import { newBatch } from '../../../services/queue/batch.ts'
import { batchOf, byPriority, eventsOf, startQueue, startTaking } from './setup.ts'

t.test('books a batch once, however often it is added', async (t) => {
  const { queue } = await startQueue(t)
  const batch = batchOf(7)
  await queue.add(batch)
  await Promise.all([queue.add(batch), queue.add(batch), queue.requeue(batch, 0, 'parent')])
  const { depthByPriority, jobs } = await queue.sample()
  t.strictSame(depthByPriority, byPriority({ 5: 7 }))
  t.equal(jobs.waiting, 1)
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
