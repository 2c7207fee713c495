import fc from 'fast-check'
import t, { type Test } from 'tap'
import { newBatch, type Batch } from '../../../services/queue/batch.ts'
import { SCORES_PER_RANK } from '../../../services/queue/bullmq/scores.ts'
import { rankOf } from '../../../services/queue/rank.ts'
import { eventsOf, startQueue, startTaking } from './setup.ts'

const SECOND_MS = 1_000

/** A queue to which events can be added as if so many seconds ago, live or out of a spool. */
async function startOrder (t: Test) {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { take } = await startTaking(t, started)
  const names = new Map<string, string>()
  const named = (name: string, priority: number, ageS: number): Batch => {
    const receivedAt = new Date(Date.now() - ageS * SECOND_MS).toISOString()
    const batch = newBatch(priority, eventsOf(1, priority).map((event) => ({ ...event, id: '', receivedAt })))
    names.set(batch.id, name)
    return batch
  }
  const live = async (name: string, ageS: number, priority = 1) => {
    const batch = named(name, priority, ageS)
    await queue.add(batch)
    const key = queue.keys.jobs.of(batch.id)
    await connection.hset(key, 'timestamp', Number(await connection.hget(key, 'timestamp')) - ageS * SECOND_MS)
  }
  const drained = async (name: string, ageS: number, priority = 1) => {
    await queue.addMerged([named(name, priority, ageS)])
  }
  const taken = async (count: number) => {
    const order: unknown[] = []
    for (let index = 0; index < count; index++) order.push(names.get((await take()).id as string))
    return order
  }
  return { ...started, named, live, drained, taken }
}

t.test('events out of a spool go before those of their priority that came after them, and behind those that came before', async (t) => {
  const { live, drained, taken } = await startOrder(t)
  for (const ageS of [60, 50, 10, 0]) await live(`live ${ageS}`, ageS)
  await live('of another priority', 90, 2)
  for (const ageS of [40, 30]) await drained(`spooled ${ageS}`, ageS)
  await drained('spooled 5', 5)
  t.strictSame(await taken(8), [
    'live 60',
    'live 50',
    'spooled 40',
    'spooled 30',
    'live 10',
    'spooled 5',
    'live 0',
    'of another priority'
  ])
})

t.test('batches that became one go by the age of the oldest, and a drain that is repeated changes nothing', async (t) => {
  const { queue, connection, live, named, taken } = await startOrder(t)
  await live('live', 10)
  const parts = [named('spooled', 1, 40), named('spooled', 1, 30)]
  for (let tries = 0; tries < 3; tries++) await queue.addMerged(parts)
  t.equal(await connection.zcard(queue.keys.jobs.prioritized), 2)
  t.strictSame(await taken(2), [undefined, 'live'])
})

t.test('stays within its rank, whatever waits there', async (t) => {
  const { queue, connection, live, drained } = await startOrder(t)
  await live('live', 0, 2)
  for (let count = 0; count < 40; count++) await drained('spooled', 100 + count, 1)
  for (let count = 0; count < 40; count++) await drained('spooled', 100 - count, 10)
  const key = queue.keys.jobs.prioritized
  for (const [priority, count] of [[1, 40], [2, 1], [10, 40]] as const) {
    const rank = rankOf(priority)
    t.equal(
      await connection.zcount(key, rank * SCORES_PER_RANK, `(${(rank + 1) * SCORES_PER_RANK}`),
      count,
      `priority ${priority}`
    )
  }
})

t.test('in whatever order live and spooled events come, they are taken by age', async (t) => {
  const { live, drained, taken } = await startOrder(t)
  const batches = fc.uniqueArray(fc.record({ ageS: fc.integer({ min: 1, max: 500 }), isSpooled: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
    selector: ({ ageS }) => ageS
  })
  await fc.assert(
    fc.asyncProperty(batches, fc.constantFrom(1, 10), async (batches, priority) => {
      const nameOf = (ageS: number) => String(ageS)
      for (const { ageS } of batches.filter(({ isSpooled }) => !isSpooled).toSorted((a, b) => b.ageS - a.ageS))
        await live(nameOf(ageS), ageS, priority)
      for (const { ageS } of batches.filter(({ isSpooled }) => isSpooled).slice(0, 5))
        await drained(nameOf(ageS), ageS, priority)
      const kept = [
        ...batches.filter(({ isSpooled }) => !isSpooled),
        ...batches.filter(({ isSpooled }) =>
          isSpooled
        ).slice(0, 5)
      ]
      t.strictSame(
        await taken(kept.length),
        kept.map(({ ageS }) => ageS).toSorted((a, b) => b - a).map(nameOf)
      )
    }),
    { numRuns: 30 }
  )
})
