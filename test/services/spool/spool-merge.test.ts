import t, { type Test } from 'tap'
import { newBatch, parsePlaceId, type Batch } from '../../../services/queue/batch.ts'
import { NAMESPACE } from '../../queue-keys.ts'
import { Shards } from '../../../services/queue/shards.ts'
import { isMergeable, merge } from '../../../services/queue/merged-batch.ts'
import { ReceiptFinder } from '../../../services/receipt/receipt-finder.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { SpoolDrain } from '../../../services/spool/spool-drain.ts'
import { eventually } from '../../../rig/eventually.ts'
import { slowDown } from '../../../rig/slow-redis.ts'
import { byPriority, eventsOf, startQueue } from '../queue/setup.ts'
import { filesIn, startSpool } from './setup.ts'

const LONE = 1_000

const lone = (index: number, priority = 1): Batch =>
  newBatch(priority, [{ ...eventsOf(1, priority)[0]!, id: '', payload: index }])
const keyed = (index: number, priority = 1): Batch =>
  newBatch(priority, [{ ...eventsOf(1, priority)[0]!, id: `own-${index}`, payload: index }], [`key-${index}`])

/** Finds receipts by the queue alone. */
function receiptsOf (queue: Shards): ReceiptFinder {
  return new ReceiptFinder({
    queue,
    fateOf: async () => undefined,
    isOutage: () => false,
    spool: { has: () => false, secretOf: () => undefined, remembered: () => undefined }
  })
}

/** Drains a spool into a queue, in one run after another, until nothing is left. */
async function drainAll (
  t: Test,
  started: Awaited<ReturnType<typeof startSpool>>,
  add: (parts: readonly Batch[]) => Promise<unknown>
): Promise<void> {
  const { spool, clock, log } = started
  const drain = new SpoolDrain({
    spool, room: () => Infinity, add, eventsPerSecond: 1_000_000, batchMaxEvents: 128, batchMaxBytes: 1_048_576,
    now: () => clock.now, log
  })
  for (let run = 0; spool.batches > 0 && run < 20; run++) {
    drain.begin()
    await drain.ended()
  }
  t.equal(spool.batches, 0)
}

t.test('the same parts are the same job, and events with keys are not mixed with others', async (t) => {
  const parts = [lone(0), lone(1)]
  t.equal(merge(parts).whole.id, merge(parts).whole.id)
  t.not(merge(parts).whole.id, merge(parts.toReversed()).whole.id)
  t.strictSame(
    merge([...parts, lone(2)]).parts.map(({ move: [, indexes, offset] }) => [indexes, offset]),
    [
      [[0], 0], [[0], 1], [[0], 2]
    ]
  )
  t.strictSame([lone(0), keyed(0), newBatch(1, eventsOf(2), ['k', null])].map(isMergeable), [true, true, false])
})

t.test('a thousand lone events leave in a few round trips, as few jobs, whatever the latency', async (t) => {
  for (const [kind, make] of [['without keys', lone], ['with keys', keyed]] as const) {
    const { redis, queue, bullmq } = await startQueue(t)
    const slow = await slowDown(t, redis, 50)
    const connection = connectPatiently(slow.url)
    connection.on('error', () => {})
    t.teardown(() => connection.disconnect())
    const far = new Shards(
      connection,
      NAMESPACE,
      { idempotencyTtlMs: 3_600_000, receiptTtlMs: 3_600_000, mostReceipts: 1_000 },
      () => {}
    )
    await eventually('the connection is ready', () => connection.status === 'ready')
    const started = await startSpool(t, { dir: t.testdirName + kind })
    await Promise.all(Array.from({ length: LONE }, (_, index) => started.spool.write(make(index))))
    slow.roundTrips = 0
    await drainAll(t, started, (parts) => far.addMerged(parts))
    t.ok(slow.roundTrips <= 20, `${slow.roundTrips} round trips ${kind}`)
    const { depthByPriority, jobs } = await queue.sample()
    t.strictSame(depthByPriority, byPriority({ 1: LONE }))
    t.ok(jobs.waiting <= 16, `${jobs.waiting} jobs ${kind}`)
    const payloads = (await bullmq.getJobs(['prioritized'], 0, -1, true)).flatMap(({ data }) =>
      data.events.map(({ payload }) => payload as number)
    )
    t.equal(new Set(payloads).size, LONE)
    t.strictSame(filesIn(started.dir), [])
    await far.close()
  }
})

t.test('a drain that was cut short in the middle is repeated in other company, and each event is there once', async (t) => {
  for (const make of [lone, keyed]) {
    const { queue } = await startQueue(t)
    const batches = [0, 1, 2, 3, 4].map((index) => make(index))
    await queue.addMerged(batches.slice(0, 3))
    await queue.addMerged(batches.slice(0, 3))
    await queue.add(batches[3]!)
    // The process died before it removed their files; the next one merges what it finds.
    await queue.addMerged(batches.slice(1))
    await queue.addMerged(batches.toReversed())
    t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 5 }))
    // A first try of the add that comes late.
    await queue.add(batches[0]!)
    await queue.add(batches[4]!)
    t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 5 }))
  }
})

t.test('an event that two processes took while the queue was away is in the queue once, and each id leads to it', async (t) => {
  const { queue } = await startQueue(t)
  const receipts = receiptsOf(queue)
  const started = await startSpool(t, { dir: t.testdirName })
  const batches = [0, 1, 0, 2, 1].map((index) =>
    newBatch(1, [{ ...eventsOf(1, 1)[0]!, id: '', payload: index }], [`key-${index}`]))
  for (const batch of batches) await started.spool.write(batch)
  await drainAll(t, started, (parts) => queue.addMerged(parts))
  const areFound = async () => {
    t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 3 }))
    for (const { events: [event] } of batches) {
      t.match(await receipts.find({ id: event!.id }), { id: event!.id, status: 'waiting' })
    }
  }
  await areFound()
  // First tries of their adds that come late.
  for (const batch of batches) await queue.add(batch)
  await areFound()
})

t.test('an add that found its event stored before, and was not confirmed, takes no receipt away from its drain', async (t) => {
  const { queue } = await startQueue(t)
  const receipts = receiptsOf(queue)
  const unnamed = (index: number) =>
    newBatch(1, [{ ...eventsOf(1, 1)[0]!, id: '', payload: index }], [`key-${index}`])
  const [stored, spooled, other] = [unnamed(0), unnamed(0), unnamed(1)]
  await queue.add(stored)
  t.match(await queue.add(spooled), [{ index: 0, id: stored.events[0]!.id }])
  await queue.addMerged([spooled, other])
  for (const { events: [event] } of [stored, spooled, other]) {
    t.match(await receipts.find({ id: event!.id }), { id: event!.id, status: 'waiting' })
  }
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 2 }))
})

t.test('merged events are remembered, and found by the ids that were answered and by their own', async (t) => {
  const { queue } = await startQueue(t)
  const receipts = receiptsOf(queue)
  await queue.add(newBatch(1, eventsOf(1), ['key-1']))
  const unnamed = [0, 1, 2].map((index) => lone(index))
  const named = [0, 1, 2].map((index) => keyed(index))
  await queue.addMerged(unnamed)
  await queue.addMerged(named)
  t.strictSame((await queue.sample()).depthByPriority, byPriority({ 1: 6 }), 'one key was known before')
  for (const { events: [event] } of unnamed) {
    t.match(await receipts.find({ id: event!.id }), { id: event!.id, status: 'waiting', priority: 1 })
    t.match(await receipts.find({ id: event!.id.replace(/-.{8}$/, '-AAAAAAAA') }), { status: 'unknown' })
  }
  for (const index of [0, 2]) {
    t.match(await queue.remembered([`key-${index}`]), { id: `own-${index}`, priority: 1 })
    const place = parsePlaceId((await queue.remembered([`key-${index}`]))!.place)
    const trace = await queue.trace(place!.batchId)
    t.match('events' in trace && trace.events[place!.index], { id: `own-${index}`, payload: index })
  }
  t.match(await queue.add(keyed(2)), [{ id: 'own-2' }], 'a second post is a duplicate')
})
