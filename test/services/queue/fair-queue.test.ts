/* The fair order on a real Redis, with real jobs of BullMQ. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { newBatch, type Batch } from '../../../services/queue/batch.ts'
import { SCORES_PER_RANK } from '../../../services/queue/bullmq/scores.ts'
import { FairOrder, type FairTerms } from '../../../services/organizations/fair-order.ts'
import { rankOf } from '../../../services/queue/rank.ts'
import { eventsOf, HOUR_MS, startQueue, startTaking, type QueueForTest } from './setup.ts'

type Posted = Partial<Record<string, number>>

const termsOf = (terms: Partial<FairTerms>): FairTerms =>
  ({ mode: () => 'organizations', costOf: () => 1, weightOf: () => 1, ...terms })

async function startFairQueue (t: Test, terms: Partial<FairTerms> = {}, from?: QueueForTest) {
  const fairOrder = new FairOrder(termsOf(terms))
  const started = await startQueue(t, from?.redis, { fairOrder })
  const { queue, connection } = started
  const names = new Map<string, string>()
  const batchOf = (posted: Posted, priority = 5): Batch => newBatch(priority, Object.entries(posted).flatMap(
    ([organizationId, count = 0]) => eventsOf(count, priority).map((event) => ({ ...event, organizationId }))
  ))
  const add = async (posted: Posted, priority = 5, name = Object.keys(posted).join()) => {
    const batch = batchOf(posted, priority)
    names.set(batch.id, name)
    await queue.add(batch)
    return batch
  }
  const scoreOf = async ({ id }: Batch) => Number(await connection.zscore(queue.keys.jobs.prioritized, id))
  return { ...started, fairOrder, names, batchOf, add, scoreOf }
}

async function startTakingNames (t: Test, started: QueueForTest, names: ReadonlyMap<string, string>) {
  const { take } = await startTaking(t, started)
  return async (count: number) => {
    const order: unknown[] = []
    for (let index = 0; index < count; index++) order.push(names.get((await take()).id as string))
    return order
  }
}

t.test('batches of other organizations pass a backlog, each organization in its own order', async (t) => {
  const started = await startFairQueue(t)
  const { add, names } = started
  const taken = await startTakingNames(t, started, names)
  for (let count = 0; count < 5; count++) await add({ flood: 100 }, 5, `flood ${count}`)
  for (let count = 0; count < 2; count++) await add({ light: 1 }, 5, `light ${count}`)
  await add({ other: 50 }, 5, 'other 0')
  await add({ other: 50 }, 5, 'other 1')
  t.strictSame(await taken(9), [
    'flood 0', 'light 0', 'other 0', 'light 1', 'other 1', 'flood 1', 'flood 2', 'flood 3', 'flood 4'
  ])
})

t.test('critical stays ahead of normal, and normal ahead of low, whatever the backlogs are', async (t) => {
  const started = await startFairQueue(t)
  const { add, names } = started
  const taken = await startTakingNames(t, started, names)
  for (const priority of [1, 5, 10, 1, 5, 10, 1, 5, 10]) await add({ flood: 100 }, priority, String(priority))
  await add({ light: 1 }, 10, 'light 10')
  await add({ light: 1 }, 5, 'light 5')
  t.strictSame(await taken(11), ['1', '1', '1', '5', 'light 5', '5', '5', '10', 'light 10', '10', '10'])
})

t.test('Redis gives the tags that the pure order computes, whatever comes', async (t) => {
  const { queue, connection, batchOf, scoreOf } = await startFairQueue(t, { costOf: () => 0.75 })
  const pure = new FairOrder(termsOf({ costOf: () => 0.75 }))
  const base = rankOf(5) * SCORES_PER_RANK
  const steps = fc.array(fc.record({
    posted: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 20 }), { minKeys: 1 }),
    takes: fc.nat(1)
  }), { minLength: 1, maxLength: 30 })
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    await connection.flushall()
    pure.follow(5, 0, true)
    for (const { posted, takes } of all) {
      const [, lowest] = await connection.zrange(queue.keys.jobs.prioritized, '0', '0', 'WITHSCORES')
      pure.follow(5, lowest === undefined ? 1 : Number(lowest) - base, lowest === undefined)
      const batch = batchOf(posted)
      await queue.add(batch)
      const expected = pure.tag(5, pure.chargesOf(5, batch.events))
      const tag = await scoreOf(batch) - base
      if (tag !== expected) throw new Error(`${tag} instead of ${expected}`)
      for (let count = 0; count < takes; count++) await connection.zpopmin(queue.keys.jobs.prioritized)
    }
    return true
  }), { numRuns: 40 })
})

t.test('a process that starts again and other replicas go on with the same order', async (t) => {
  const first = await startFairQueue(t)
  const second = await startFairQueue(t, {}, first)
  const names = new Map<string, string>()
  const note = ({ id }: Batch, name: string) => names.set(id, name)
  for (let count = 0; count < 4; count++) {
    const { add } = count % 2 === 0 ? first : second
    note(await add({ flood: 100 }), `flood ${count}`)
  }
  const third = await startFairQueue(t, {}, first)
  note(await third.add({ flood: 100 }), 'flood 4')
  note(await third.add({ light: 1 }), 'light')
  const taken = await startTakingNames(t, first, names)
  t.strictSame(await taken(6), ['flood 0', 'light', 'flood 1', 'flood 2', 'flood 3', 'flood 4'])
})

t.test('what waited before the order was fair goes first, and what comes once it is fair no more goes last', async (t) => {
  let mode: ReturnType<FairTerms['mode']> = 'off'
  const started = await startFairQueue(t, { mode: () => mode })
  const { add, names } = started
  const taken = await startTakingNames(t, started, names)
  for (let count = 0; count < 3; count++) await add({ flood: 100 }, 5, `before ${count}`)
  mode = 'organizations'
  for (let count = 0; count < 2; count++) await add({ flood: 100 }, 5, `flood ${count}`)
  await add({ light: 1 }, 5, 'light 0')
  mode = 'off'
  await add({ light: 1 }, 5, 'light 1')
  const order = await taken(7)
  t.strictSame(order.slice(0, 3), ['before 0', 'before 1', 'before 2'])
  t.strictSame(order.slice(3, 5).toSorted(), ['flood 0', 'light 0'])
  t.strictSame(order.slice(5), ['flood 1', 'light 1'])
})

t.test('a batch that is added twice is charged once', async (t) => {
  const { queue, connection, add } = await startFairQueue(t)
  await add({ other: 1 })
  const batch = await add({ flood: 100 })
  const finishes = () => connection.zrange(queue.keys.finishes, '0', '-1', 'WITHSCORES')
  const before = await finishes()
  await queue.add(batch)
  t.strictSame(await finishes(), before)
  t.equal(before.length, 4, 'two flows with their finishes')
})

t.test('the rest of a batch with a known event has the place of its organization', async (t) => {
  const started = await startFairQueue(t)
  const { queue, add, names } = started
  const taken = await startTakingNames(t, started, names)
  const keyed = (events: number, keys: string[]) => newBatch(
    5, eventsOf(events).map((event) => ({ ...event, organizationId: 'light' })), keys
  )
  for (let count = 0; count < 3; count++) await add({ flood: 100 }, 5, `flood ${count}`)
  await queue.add(keyed(1, ['a']))
  t.equal((await queue.add(keyed(2, ['a', 'b']))).length, 1)
  t.strictSame(await taken(5), ['flood 0', undefined, undefined, 'flood 1', 'flood 2'])
})

t.test('events out of a spool go first within their priority, the oldest before', async (t) => {
  const started = await startFairQueue(t)
  const { queue, batchOf, add, names } = started
  const taken = await startTakingNames(t, started, names)
  for (let count = 0; count < 2; count++) await add({ flood: 100 }, 1, `flood ${count}`)
  for (const ageMs of [10_000, 30_000, 20_000]) {
    const batch = batchOf({ flood: 1 }, 1)
    for (const event of batch.events) event.receivedAt = new Date(Date.now() - ageMs).toISOString()
    names.set(batch.id, `spooled ${ageMs}`)
    await queue.addMerged([batch])
  }
  await add({ light: 1 }, 1, 'light')
  t.strictSame(
    await taken(6), ['spooled 30000', 'spooled 20000', 'spooled 10000', 'flood 0', 'light', 'flood 1']
  )
})

t.test('retries and replays stay behind the first tries of their class', async (t) => {
  const started = await startFairQueue(t)
  const { queue, batchOf, add, names } = started
  const taken = await startTakingNames(t, started, names)
  const retry = batchOf({ light: 1 })
  names.set(retry.id, 'retry')
  await queue.requeue(retry, 0, 'parent')
  const unbegun = batchOf({ light: 1 })
  names.set(unbegun.id, 'not begun')
  for (let count = 0; count < 2; count++) await add({ flood: 100 }, 5, `flood ${count}`)
  await queue.requeue(unbegun, 0, 'parent', { standing: 'first' })
  t.strictSame(await taken(4), ['flood 0', 'not begun', 'flood 1', 'retry'])
})

t.test('remembers nothing of flows once nothing of their priority waits', async (t) => {
  const started = await startFairQueue(t)
  const { queue, connection, add } = started
  const { take } = await startTaking(t, started)
  for (let count = 0; count < 50; count++) await add({ [`o${count}`]: 3 })
  for (let count = 0; count < 50; count++) await take()
  await add({ last: 1 })
  t.equal(await connection.zcard(queue.keys.finishes), 2)
})

t.test('a backlog that is charged all that a rank has room for leaves the others their order', async (t) => {
  let mode: ReturnType<FairTerms['mode']> = 'organizations'
  const costOf = (type: string) => type === 'slow' ? 2 ** 20 : 1
  const started = await startFairQueue(t, { mode: () => mode, costOf })
  const { queue, names } = started
  const taken = await startTakingNames(t, started, names)
  const add = async (organizationId: string, type: string, priority: number, name: string, events = 1) => {
    const batch = newBatch(priority, eventsOf(events, priority).map((event) => ({ ...event, type, organizationId })))
    names.set(batch.id, name)
    await queue.add(batch)
  }
  const FLOOD = 40
  for (let count = 0; count < FLOOD; count++) await add('flood', 'slow', 5, 'flood', 128)
  for (let count = 0; count < 3; count++) await add('light', 'quick', 5, `light ${count}`)
  mode = 'off'
  for (let count = 0; count < 3; count++) await add('late', 'quick', 5, `late ${count}`)
  for (let count = 0; count < 3; count++) await add('low', 'quick', 10, `low ${count}`)
  mode = 'organizations'
  for (let count = 3; count < 5; count++) await add('low', 'quick', 10, `low ${count}`)
  const order = await taken(FLOOD + 11)
  t.strictSame(order.filter((name) => name !== 'flood'), [
    'light 0', 'light 1', 'light 2', 'late 0', 'late 1', 'late 2', 'low 0', 'low 1', 'low 2', 'low 3', 'low 4'
  ])
  t.strictSame(order.slice(1, 4), ['light 0', 'light 1', 'light 2'])
  t.ok(order.indexOf('late 0') >= FLOOD, 'events without a place in the order come last')
})

t.test('a damaged record of the order is set aside, and events go on to be stored', async (t) => {
  const { queue, connection, add } = await startFairQueue(t)
  await connection.set(queue.keys.finishes, 'damaged')
  await add({ a: 1 })
  t.equal(await connection.type(queue.keys.finishes), 'zset')
  t.equal(await connection.zcard(queue.keys.jobs.prioritized), 1)
})

t.test('a batch of thousands of organizations gets its place', async (t) => {
  const { add, scoreOf } = await startFairQueue(t)
  const posted = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`o${index}`, 1]))
  await add({ flood: 100 })
  t.equal(Math.floor(await scoreOf(await add(posted)) / SCORES_PER_RANK), rankOf(5))
})

t.test('a low event that has waited too long goes before normal ones, and never before critical ones', async (t) => {
  const started = await startQueue(t, undefined, { lowPatienceMs: () => 0 })
  const { queue, connection } = started
  const { take } = await startTaking(t, started)
  const add = async (priority: number, ageMs = 0) => {
    const batch = newBatch(priority, eventsOf(1, priority))
    await queue.add(batch)
    const key = queue.keys.jobs.of(batch.id)
    await connection.hset(key, 'timestamp', Number(await connection.hget(key, 'timestamp')) - ageMs)
  }
  for (const priority of [5, 2, 1, 10]) await add(priority)
  await add(9, HOUR_MS)
  // The first reading tells who settles.
  for (let count = 0; count < 3; count++) await queue.sample()
  const order: (string | undefined)[] = []
  for (let count = 0; count < 5; count++) order.push((await take()).id?.split('-')[0])
  t.strictSame(order, ['1', '9', '2', '5', '10'])
})

t.test('a tag never leaves the lower half of the rank of its priority, however long a backlog is', async (t) => {
  const { queue, connection, add, scoreOf } = await startFairQueue(t, { costOf: () => 1_000 })
  await add({ flood: 1 })
  const highest = (rankOf(5) + 1) * SCORES_PER_RANK - 1
  const flows = (await connection.zrange(queue.keys.finishes, '0', '-1')).filter((name) => name.includes(':'))
  for (const flow of flows) await connection.zadd(queue.keys.finishes, highest - 10, flow)
  t.equal(await scoreOf(await add({ flood: 1 })), (rankOf(5) + 0.5) * SCORES_PER_RANK)
})
