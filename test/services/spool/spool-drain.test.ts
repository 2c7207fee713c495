import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../services/queue/batch.ts'
import { REOPEN_INTERVAL_MS, SpoolDrain, type SpoolDrainOptions } from '../../../services/spool/spool-drain.ts'
import { batchOf as queueBatchOf, byPriority, startQueue } from '../queue/setup.ts'
import { batchOf, filesIn, startSpool } from './setup.ts'

/** A spool that drains into a list by default. */
async function startDrain (t: Test, options: Partial<SpoolDrainOptions> = {}, dir?: string) {
  const started = await startSpool(t, dir === undefined ? {} : { dir })
  const { spool, clock, log } = started
  const added: Batch[] = []
  const drain = new SpoolDrain({
    spool,
    room: () => Infinity,
    add: async (parts) => { added.push(...parts) },
    eventsPerSecond: 1_000,
    batchMaxEvents: 128,
    batchMaxBytes: 1_048_576,
    now: () => clock.now,
    log,
    ...options
  })
  const run = async () => {
    drain.begin()
    await drain.ended()
  }
  return { ...started, drain, added, run }
}

t.test('moves everything into the queue, by priority and then by time', async (t) => {
  const { redis: _redis, queue, bullmq } = await startQueue(t)
  const { spool, clock, dir, run, lines } = await startDrain(t, { add: (parts) => queue.addMerged(parts) })
  const batches = [queueBatchOf(2, 5), queueBatchOf(3, 1), queueBatchOf(1, 5)]
  for (const batch of batches) {
    await spool.write(batch)
    clock.now++
  }
  await run()
  t.equal(spool.totals.drained, 6)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 3, 5: 3 }))
  t.strictSame(
    (await bullmq.getJobs(['prioritized'], 0, -1, true)).map(({ data }) => data.events),
    [batches[1]?.events, [...batches[0]!.events, ...batches[2]!.events]]
  )
  t.strictSame(filesIn(dir), [])
  t.match(lines, [{ event: 'spool-drained', events: 6 }])
})

t.test('a kill between queue and removal repeats the batch, which the queue knows', async (t) => {
  const { queue } = await startQueue(t)
  const { spool, dir, run: runUntilKilled } = await startDrain(t, {
    add: async (parts) => {
      await queue.addMerged(parts)
      throw new Error('killed')
    }
  })
  const batches = [queueBatchOf(2, 1), queueBatchOf(3, 1)]
  for (const batch of batches) await spool.write(batch)
  await runUntilKilled()
  t.equal(filesIn(dir).length, 2, 'nothing is removed before it is confirmed')
  const { run } = await startDrain(t, { add: (parts) => queue.addMerged(parts) }, dir)
  await run()
  t.strictSame(filesIn(dir), [])
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 5 }), 'each event is there once')
})

t.test('a batch that is not confirmed stays, and the next run begins with it', async (t) => {
  const broken = { is: true }
  const tried: string[] = []
  const { spool, run, lines } = await startDrain(t, {
    add: async (parts) => {
      tried.push(...parts.map(({ id }) => id))
      if (broken.is) throw new Error('connection lost')
    }
  })
  const batches = [batchOf(1), batchOf(1, 2)]
  for (const batch of batches) await spool.write(batch)
  await run()
  await run()
  t.match(spool, { batches: 2, totals: { drained: 0 } })
  t.match(lines, [{ level: 40, event: 'spool-drain-failed', err: { message: 'connection lost' } }])
  t.equal(lines.length, 1, 'not with every run')
  broken.is = false
  await run()
  t.strictSame(tried, [0, 1, 0, 1, 0, 1].map((index) => batches[index]?.id))
  t.match(spool, { batches: 0, totals: { drained: 2 } })
})

t.test('takes no more than its rate, and of a rest no more than a second', async (t) => {
  const { spool, clock, added, run } = await startDrain(t, { eventsPerSecond: 100 })
  for (let index = 0; index < 30; index++) await spool.write(batchOf(10))
  clock.now += 60_000
  await run()
  t.equal(added.length, 10)
  await run()
  t.equal(added.length, 10)
  clock.now += 99
  await run()
  t.equal(added.length, 10)
  clock.now += 1
  await run()
  t.equal(added.length, 11)
  clock.now += 500
  await run()
  t.equal(added.length, 16)
})

t.test('a batch of more than a second of the rate goes when the budget is full, and is paid off', async (t) => {
  const { spool, clock, added, run } = await startDrain(t, { eventsPerSecond: 10 })
  for (let index = 0; index < 3; index++) await spool.write(batchOf(25))
  await run()
  t.equal(added.length, 1)
  clock.now += 2_499
  await run()
  t.equal(added.length, 1)
  clock.now += 1
  await run()
  t.equal(added.length, 2)
})

t.test('moves only what is admitted, and lets no batch overtake', async (t) => {
  const admitted = new Set([1])
  const { spool, added, run } = await startDrain(t, { room: (priority) => admitted.has(priority) ? Infinity : 0 })
  const [low, critical, normal, late] = [batchOf(1, 9), batchOf(1, 1), batchOf(1, 5), batchOf(1, 1)]
  for (const batch of [low, critical, normal]) await spool.write(batch)
  await run()
  t.strictSame(added.map(({ id }) => id), [critical.id])
  await spool.write(late)
  await run()
  t.strictSame(added.map(({ id }) => id), [critical.id, late.id], 'one that waits does not hold up a better one')
  admitted.add(9)
  await run()
  t.equal(added.length, 2)
  admitted.add(5)
  await run()
  t.strictSame(added.slice(2).map(({ id }) => id), [normal.id, low.id])
})

t.test('runs once at a time', async (t) => {
  const gate = Promise.withResolvers<void>()
  let running = 0
  const { spool, drain } = await startDrain(t, {
    add: async () => {
      t.equal(++running, 1)
      await gate.promise
      running--
    }
  })
  await spool.write(batchOf(1))
  await spool.write(batchOf(1))
  for (let time = 0; time < 3; time++) drain.begin()
  gate.resolve()
  await drain.ended()
  t.equal(spool.batches, 0)
})

t.test('goes on behind a damaged batch', async (t) => {
  const { spool, dir, added, run, lines } = await startDrain(t)
  const [hurt, fine] = [batchOf(4), batchOf(1)]
  await spool.write(hurt)
  await spool.write(fine)
  truncateSync(join(dir, filesIn(dir).find((name) => name.includes(hurt.id)) as string), 50)
  await run()
  t.strictSame(added, [fine])
  t.match(lines.map(({ event }) => event), ['spool-damaged', 'spool-drained'])
  t.match(spool.totals, { written: 5, drained: 1, damaged: 4 })
})

t.test('looks now and then for what another process left', async (t) => {
  const { dir, clock, added, run } = await startDrain(t)
  const { spool: other } = await startSpool(t, { dir })
  const batch = batchOf(1)
  await other.write(batch)
  await run()
  t.strictSame(added, [])
  clock.now += REOPEN_INTERVAL_MS
  await run()
  t.strictSame(added, [batch])
})

t.test('batches of an unavailable part of the queue stay, and others overtake them', async (t) => {
  let isAway = true
  const { spool, clock, run, added } = await startDrain(t, { isAway: (batchId) => isAway && batchId.startsWith('1-2-1-') })
  const [first, second, third] = [queueBatchOf(2, 1, 1), queueBatchOf(3, 1, 0), queueBatchOf(4, 5, 0)]
  for (const batch of [first, second, third]) {
    await spool.write(batch)
    clock.now++
  }
  await run()
  t.strictSame(added.map(({ id }) => id), [second.id, third.id])
  t.equal(spool.batches, 1)
  isAway = false
  await run()
  t.strictSame(added.map(({ id }) => id), [second.id, third.id, first.id])
})
