import { UnrecoverableError } from 'bullmq'
import fc from 'fast-check'
import t from 'tap'
import { childBatch } from '../../../services/queue/batch.ts'
import { booked } from '../../booked.ts'
import { HOUR_MS, batchOf, byPriority, eventsOf, startQueue, startTaking } from './setup.ts'

t.test('agrees with the jobs after any history', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { take, complete, fail } = await startTaking(t, started)
  const step = fc.record({
    kind: fc.constantFrom('add', 'again', 'retry', 'take', 'complete', 'fail', 'sample'),
    count: fc.integer({ min: 1, max: 5 }),
    priority: fc.integer({ min: 1, max: 10 })
  })
  await t.resolves(fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      await connection.flushall()
      /** Events that wait, by job, and all that are in the queue. */
      const waiting: ReturnType<typeof batchOf>[] = []
      const depth = byPriority({})
      const delayed = byPriority({})
      let done = 0
      const change = (numbers: number[], priority: number, events: number) => {
        numbers[priority] = (numbers[priority] ?? 0) + events
      }
      /** The next job: the first of the best priority. */
      const takeNext = () => {
        const [next] = waiting.toSorted((a, b) => a.priority - b.priority)
        if (next !== undefined) waiting.splice(waiting.indexOf(next), 1)
        return next
      }
      for (const { kind, count, priority } of steps) {
        if (kind === 'add') {
          const batch = batchOf(count, priority)
          await queue.add(batch)
          waiting.push(batch)
          change(depth, priority, count)
        } else if (kind === 'again' && waiting.length > 0) {
          await queue.add(waiting[count % waiting.length] as ReturnType<typeof batchOf>)
        } else if (kind === 'retry') {
          await queue.requeue(batchOf(count, priority), HOUR_MS, 'parent')
          change(delayed, priority, count)
        } else if (kind === 'sample') {
          await queue.sample()
        } else if (kind === 'take' || kind === 'complete' || kind === 'fail') {
          const next = takeNext()
          if (next === undefined) continue
          if (kind === 'take') await take()
          else if (kind === 'fail') await fail(new UnrecoverableError('broken'))
          else {
            await complete({ done: next.events.length, dead: 0, requeued: 0 })
            change(depth, next.priority, -next.events.length)
            done += next.events.length
          }
        }
      }
      const reading = await queue.sample()
      return JSON.stringify([reading.depthByPriority, reading.delayedByPriority, reading.done]) ===
          JSON.stringify([depth, delayed, done]) &&
        reading.balance.imbalance.queue === 0 && await queue.recount() === 0
    }),
    { numRuns: 40 }
  ))
})

t.test('balances at every moment of a retry, also when a worker dies in the middle of it', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const { complete } = await startTaking(t, started)
  const parent = batchOf(8)
  const balance = async () => {
    const { balance: { imbalance, queue: { normal } } } = await queue.sample()
    t.equal(imbalance.queue, 0)
    return normal
  }
  const requeue = async (indexes: number[]) => {
    const child = childBatch(parent.id, 5, eventsOf(indexes.length), indexes)
    await queue.requeue(child, HOUR_MS, parent.id)
    return child
  }
  await queue.add(parent)
  t.strictSame(await balance(), {
    enqueued: 8, repeated: 0, done: 0, deadLettered: 0, expired: 0, pending: 8, rebased: 0
  })
  await requeue([0, 1, 2])
  t.match(await balance(), { pending: 8 }, 'an event that moves is counted once')
  // The worker dies here; the one that runs the batch again sees other events fail.
  await requeue([2, 3])
  await requeue([2, 3])
  t.match(await balance(), { pending: 8 })
  await complete({ done: 5, dead: 1, requeued: 2 })
  t.strictSame(await balance(), {
    enqueued: 8, repeated: 3, done: 5, deadLettered: 1, expired: 0, pending: 5, rebased: 0
  })
  const late = childBatch(parent.id, 5, eventsOf(1), [7])
  await queue.requeue(late, HOUR_MS, parent.id)
  t.match(await balance(), { repeated: 4, pending: 6 }, 'a twin that was thought dead and puts back more')
})

t.test('shows events that left the queue by another way', async (t) => {
  const { queue, bullmq } = await startQueue(t)
  const batch = batchOf(7)
  await queue.add(batch)
  await (await bullmq.getJob(batch.id))?.remove()
  await queue.recount()
  t.equal((await queue.sample()).balance.imbalance.queue, 7)
})

t.test('books what happened at admission once, however often the call is repeated', async (t) => {
  const { queue, redis } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  const counts = { 'admission:received:low': 3, 'admission:shed:low': 3 }
  await queue.sample({ takeCounts: () => counts })
  redis.pause()
  await t.rejects(queue.sample({ takeCounts: () => counts }), { code: 'command-timeout' })
  redis.resume()
  await queue.sample({ takeCounts: () => { throw new Error('what got lost comes before what is new') } })
  await other.sample({ takeCounts: () => ({ 'admission:received:low': 1, 'admission:spooled:low': 1 }) })
  const { ledger, balance } = await queue.sample({ takeCounts: () => ({}) })
  const all = { 'admission:received:low': 7, 'admission:shed:low': 6, 'admission:spooled:low': 1 }
  t.strictSame({ ledger, balance }, booked(all))
  t.strictSame(balance.imbalance, { admission: 0, queue: 0 })
})

t.test('keeps for a while what became of a batch, of so many at most', async (t) => {
  const started = await startQueue(t, undefined, { mostReceipts: 3 })
  const { queue, connection } = started
  const { complete } = await startTaking(t, started)
  const batches = [1, 2, 3, 4, 5].map((count) => batchOf(count))
  for (const batch of batches) {
    await queue.add(batch)
    await complete({ done: 0, dead: 1, requeued: 0, deadIndexes: [0] })
    await queue.sample()
  }
  const kept = await Promise.all(batches.map(({ id }) => connection.hgetall(queue.keys.jobs.of(id))))
  t.strictSame(kept.map(({ events }) => events), [undefined, undefined, '3', '4', '5'])
  t.match(JSON.parse(kept[4]?.result ?? ''), { deadIndexes: [0] })
  t.ok(Number(kept[4]?.settled) > 0)
})
