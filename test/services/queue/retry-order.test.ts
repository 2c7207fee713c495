import t, { type Test } from 'tap'
import { childBatch, newBatch } from '../../../services/queue/batch.ts'
import type { ShardOptions } from '../../../services/queue/shard.ts'
import { SCORES_PER_RANK } from '../../../services/queue/bullmq/scores.ts'
import { rankOf, type Standing } from '../../../services/queue/rank.ts'
import { eventually } from '../../../rig/eventually.ts'
import { eventsOf, startQueue, startTaking } from './setup.ts'

async function startOrder (t: Test, options: Partial<ShardOptions> = {}) {
  const started = await startQueue(t, undefined, options)
  const { queue } = started
  const { take } = await startTaking(t, started)
  const names = new Map<string, string>()
  const add = async (priority: number, name: string) => {
    const batch = newBatch(priority, eventsOf(1, priority))
    names.set(batch.id, name)
    await queue.add(batch)
  }
  const putBack = async (priority: number, name: string, delayMs = 0, standing?: Standing) => {
    const batch = childBatch(`parent of ${name}`, priority, eventsOf(1, priority), [0])
    names.set(batch.id, name)
    await queue.requeue(batch, delayMs, 'parent', standing === undefined ? {} : { standing })
  }
  const taken = async (count: number) => {
    const order: unknown[] = []
    for (let index = 0; index < count; index++) order.push(names.get((await take()).id as string))
    return order
  }
  return { ...started, add, putBack, taken }
}

t.test('retries are taken after all first tries of their class, and before those of a worse one', async (t) => {
  const { queue, add, putBack, taken } = await startOrder(t)
  await putBack(5, 'retry of 5')
  await putBack(2, 'retry of 2', 1)
  await putBack(1, 'retry of 1')
  await putBack(9, 'retry of 9')
  await putBack(4, 'not begun', 0, 'first')
  for (const priority of [10, 6, 5, 3, 2, 1]) await add(priority, String(priority))
  await eventually(
    'the one that was put off is due', async () => (await queue.sample()).depthByPriority[2] === 2
  )
  t.strictSame(await taken(11), [
    '1', 'retry of 1', '2', '3', 'not begun', '5', 'retry of 5', 'retry of 2', '6', '10', 'retry of 9'
  ])
})

t.test('a retry that has waited too long goes before the first tries of its own priority, one of each class at a time', async (t) => {
  const { queue, connection, add, putBack, taken } = await startOrder(t, { retryPatienceMs: 0 })
  for (const priority of [4, 5, 5, 8, 9]) await add(priority, String(priority))
  await putBack(5, 'retry of 5')
  await putBack(5, 'second retry of 5')
  await putBack(9, 'retry of 9')
  const redisMs = async () => {
    const [seconds, microseconds] = await connection.time()
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000
  }
  const addedMs = await redisMs()
  await eventually('all have waited', async () => await redisMs() > addedMs + 10)
  // One sample: a machine that is slow would let the next ones go ahead with another.
  await queue.sample()
  await eventually('they have gone ahead', async () => {
    return await connection.zcount(
      queue.keys.jobs.prioritized,
      rankOf(9) * SCORES_PER_RANK,
      rankOf(9) * SCORES_PER_RANK
    ) === 1
  })
  t.strictSame(await taken(7), ['4', 'retry of 5', '5', '5', 'second retry of 5', '8', 'retry of 9'])
})

t.test('a retry that has not waited long stays behind', async (t) => {
  const { queue, add, putBack, taken } = await startOrder(t)
  await putBack(5, 'retry of 5')
  await add(5, '5')
  for (let samples = 0; samples < 3; samples++) await queue.sample()
  t.strictSame(await taken(2), ['5', 'retry of 5'])
})

t.test('a batch keeps the priority of its events, whatever its rank', async (t) => {
  const { queue, bullmq, putBack } = await startOrder(t)
  await putBack(7, 'retry of 7')
  const [job] = await bullmq.getJobs()
  t.match(job?.id, /^7-1-/)
  t.equal(job?.opts.priority, rankOf(7, 'retry'))
  t.equal((await queue.sample()).depthByPriority[7], 1)
  const { oldestWaitingMsByPriority } = await queue.sample()
  t.strictSame(
    oldestWaitingMsByPriority.map((age) => age !== null).flatMap((waits, priority) => (waits ? [priority] : [])),
    [7]
  )
})

t.test('a batch of a worse rank goes first once its turn is passed on, one at a time', async (t) => {
  const { queue, add, putBack, taken } = await startOrder(t)
  for (const priority of [3, 1, 9, 9]) await add(priority, String(priority))
  await putBack(5, 'retry of 5')
  await queue.passTurn(rankOf(3))
  await queue.passTurn(rankOf(5, 'retry'))
  t.strictSame(await taken(2), ['retry of 5', '1'])
  await queue.passTurn(rankOf(5, 'retry'))
  const { oldestWaitingMsByPriority } = await queue.sample()
  t.ok((oldestWaitingMsByPriority[9] ?? -1) >= 0)
  t.strictSame(await taken(2), ['9', '3'])
  await queue.passTurn(rankOf(9))
  await queue.passTurn(rankOf(10, 'replay'))
  t.strictSame(await taken(1), ['9'])
})
