import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { DONE } from '../../services/event/outcome.ts'
import type { QueuedEvent } from '../../services/event/event.ts'
import { parseBatchId } from '../../services/queue/batch.ts'
import { ShardMap } from '../../services/queue/shard-map.ts'
import type { NamedHandler } from '../../workers/batch-runner.ts'
import { eventually } from '../../rig/eventually.ts'
import { batchOf, deadLettersIn, startQueue } from '../services/queue/setup.ts'
import { startWorker } from './setup.ts'

/** A handler whose batches end when the test says so. */
function steppedHandler () {
  const running: { readonly events: readonly QueuedEvent[], end: () => void }[] = []
  let most = 0
  const handler: NamedHandler = {
    name: 'test',
    handler: {
      kind: 'batch',
      handle: async (events) => {
        await new Promise<void>((resolve) => {
          const run = { events, end: () => { running.splice(running.indexOf(run), 1); resolve() } }
          running.push(run)
          most = Math.max(most, running.length)
        })
        return { outcomes: events.map(() => DONE) }
      }
    }
  }
  return { handler, running, get most () { return most } }
}

const startShards = async (t: Parameters<typeof startQueue>[0], shards: number) =>
  await startQueue(t, undefined, { map: new ShardMap(shards) })

t.test('workers of all shards have the concurrency of the process together, and finish everything', async (t) => {
  const started = await startShards(t, 4)
  const { queue } = started
  for (let batch = 0; batch < 24; batch++) await queue.add(batchOf(2, 5, batch % 4))
  const stepped = steppedHandler()
  await startWorker(t, [stepped.handler], { started, concurrency: 3 })
  await eventually('all are done', async () => {
    stepped.running[0]?.end()
    return (await queue.sample()).done === 48
  })
  t.equal(stepped.most, 3)
})

for (const concurrency of [1, 3]) {
  t.test(`a critical batch of one shard goes next, before low ones of others (${concurrency} at once)`, async (t) => {
    const started = await startShards(t, 3)
    const { queue } = started
    for (let batch = 0; batch < 30; batch++) await queue.add(batchOf(1, 9, batch % 3))
    const stepped = steppedHandler()
    await startWorker(t, [stepped.handler], { started, concurrency })
    for (let round = 0; round < 6; round++) {
      await eventually('all slots are taken', () => stepped.running.length === concurrency)
      await queue.add(batchOf(1, 1, round % 3))
      const before = [...stepped.running]
      before[0]?.end()
      const next = await eventually('another batch runs', () => stepped.running.find((run) => !before.includes(run)))
      t.equal(next.events[0]?.priority, 1)
    }
    await eventually('all are done', async () => {
      stepped.running[0]?.end()
      return (await queue.sample()).done === 36
    })
  })
}

t.test('no shard is left without a slot, even with one for all', async (t) => {
  const started = await startShards(t, 3)
  const { queue } = started
  for (let batch = 0; batch < 30; batch++) await queue.add(batchOf(1, 5, batch % 3))
  const stepped = steppedHandler()
  await startWorker(t, [stepped.handler], { started, concurrency: 1 })
  for (let run = 0; run < 12; run++) (await eventually('a batch runs', () => stepped.running[0])).end()
  const left = await Promise.all(queue.opened.map(async (shard) => (await shard.sample({
    settings: '', fleet: { members: [], skipped: 0 }, fleetChanges: '', needsFleet: false
  })).jobs.waiting))
  for (const waiting of left) t.ok(waiting < 10, String(left))
  await eventually('all are done', async () => {
    stepped.running[0]?.end()
    return (await queue.sample()).done === 30
  })
})

t.test('a worker that is held takes nothing of any shard, and all again once it is released', async (t) => {
  const started = await startShards(t, 3)
  const { queue } = started
  const stepped = steppedHandler()
  const { worker } = await startWorker(t, [stepped.handler], { started, concurrency: 2 })
  for (let batch = 0; batch < 6; batch++) await queue.add(batchOf(1, 5, batch % 3))
  await eventually('all slots are taken', () => stepped.running.length === 2)
  worker.hold('no-handlers')
  for (const run of stepped.running.toReversed()) run.end()
  await eventually('both are done', async () => (await queue.sample()).done === 2)
  t.equal(stepped.running.length, 0)
  worker.release('no-handlers')
  await eventually('all are done', async () => {
    stepped.running[0]?.end()
    return (await queue.sample()).done === 6
  })
})

t.test('a shard that is added while the worker runs is worked on', async (t) => {
  const started = await startShards(t, 1)
  const { queue } = started
  const stepped = steppedHandler()
  await startWorker(t, [stepped.handler], { started, concurrency: 2 })
  queue.map.follow({ shards: 3, opened: 3, earlier: [] }, 0)
  await queue.sample()
  await queue.add(batchOf(1, 5, 2))
  const { events } = await eventually('its batch runs', () => stepped.running[0])
  t.equal(events.length, 1)
  stepped.running[0]?.end()
  await eventually('it is done', async () => (await queue.sample()).done === 1)
})

t.test('retries stay in their shard, and dead letters of all shards are in one list', async (t) => {
  const started = await startShards(t, 3)
  const { queue, deadLetters } = started
  const tried: (number | undefined)[] = []
  const handler: NamedHandler = {
    name: 'test',
    handler: {
      kind: 'batch',
      handle: async (events) => {
        tried.push(events[0]?.attempt)
        return { outcomes: events.map(() => ({ status: 'retry' as const, reason: 'not now', delayMs: 1 })) }
      }
    }
  }
  const batches = [0, 1, 2].map((shard) => batchOf(2, 5, shard))
  for (const batch of batches) await queue.add(batch)
  await startWorker(t, [handler], { started })
  await eventually('all events are dead letters', async () => (await queue.sample()).dead === 6)
  const stored = await deadLettersIn(deadLetters)
  t.strictSame(stored.map(({ id }) => id).length, 6)
  t.equal(tried.length, 9)
  for (const batch of batches) {
    const trace = await queue.trace(batch.id)
    t.match(trace, { state: 'settled' })
    const [[child = ''] = []] = 'moves' in trace ? trace.moves : []
    t.equal(parseBatchId(child)?.shard, parseBatchId(batch.id)?.shard)
  }
  t.strictSame((await queue.sample()).balance.imbalance, { admission: 0, queue: 0 })
})

t.test('a worker that dies between a dead letter and the end of its batch leaves one dead letter', async (t) => {
  const started = await startShards(t, 3)
  const { queue, deadLetters, redis } = started
  const batch = batchOf(2, 5, 2)
  await queue.add(batch)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'dead-letter-killer.ts'), redis.url, '3'])
  t.teardown(() => { child.kill('SIGKILL') })
  t.equal((await once(child, 'exit'))[1], 'SIGKILL')
  const before = await deadLettersIn(deadLetters)
  t.equal(before.length, 2)
  t.equal((await queue.sample()).dead, 0, 'the batch is not settled')
  const handler: NamedHandler = {
    name: 'test',
    handler: {
      kind: 'batch',
      handle: async (events) => ({ outcomes: events.map(() => ({ status: 'dead', reason: 'no' })) })
    }
  }
  await startWorker(t, [handler], { started })
  await eventually('the batch is settled', async () => (await queue.sample()).dead === 2)
  t.strictSame(await deadLettersIn(deadLetters), before)
  t.strictSame((await queue.sample()).balance.imbalance, { admission: 0, queue: 0 })
})

t.test('a dead letter of another shard is not stored by a worker that has lost the batch', async (t) => {
  const { queue, deadLetters } = await startShards(t, 2)
  const batch = batchOf(1, 5, 1)
  await queue.add(batch)
  const deadLetter = { event: batch.events[0]!, reason: 'refused' as const, error: 'no', attempts: 1 }
  await t.rejects(deadLetters.add(batch.id, [{ index: 0, deadLetter }], 'a token'), { code: 'LOCK_LOST' })
  t.strictSame(await deadLettersIn(deadLetters), [])
})
