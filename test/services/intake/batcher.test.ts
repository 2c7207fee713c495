import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { parseBatchId, type Batch } from '../../../services/queue/batch.ts'
import { EventBatcher, type BatcherOptions } from '../../../services/intake/batcher.ts'
import type { BatchEnd } from '../../../services/intake/open-batches.ts'

let created = 0
const event = (priority = 5): QueuedEvent => ({
  id: `e${created++}`,
  type: 'x',
  payload: null,
  priority,
  receivedAt: ''
})

/** Adds an event and answers how its batch ends. */
function addTo (batcher: EventBatcher<void>, event: QueuedEvent, bytes: number): Promise<BatchEnd<void>> {
  return new Promise((resolve) => { batcher.add(event, { bytes }, resolve) })
}

/** A batcher whose writes end when the test says so. */
function startBatcher (options: Partial<BatcherOptions<void>> = {}) {
  const written: Batch[] = []
  const open: { batch: Batch, end: PromiseWithResolvers<void> }[] = []
  const batcher = new EventBatcher({
    shardOf: () => 0,
    maxEvents: 10,
    maxBytes: 1_000,
    write: async (batch) => {
      const end = Promise.withResolvers<void>()
      written.push(batch)
      open.push({ batch, end })
      await end.promise
    },
    ...options
  })
  const add = (count: number, priority = 5, bytes = 1) =>
    Array.from({ length: count }, () => addTo(batcher, event(priority), bytes))
  /** Ends the write at this place among those in progress. */
  const settle = async (place = 0, error?: Error) => {
    const [write] = open.splice(place, 1)
    if (error === undefined) write?.end.resolve()
    else write?.end.reject(error)
    // The next batch is sent in the turn that follows, and the events of this one are called back after it.
    await nextTurn()
    await nextTurn()
  }
  const sizes = () => written.map(({ events }) => events.length)
  return { batcher, written, open, add, settle, sizes }
}

t.test('a lone event is written in the turn in which it came', async (t) => {
  const { add, written } = startBatcher()
  void add(1)
  await nextTurn()
  t.match(written, [{ id: /^5-1-/, priority: 5, events: [{ payload: null }] }])
})

t.test('events of one turn share a batch, and those that come while it is written form the next', async (t) => {
  const { add, sizes, settle } = startBatcher()
  void add(3)
  await nextTurn()
  for (const count of [1, 2, 1]) {
    void add(count)
    await nextTurn()
  }
  t.strictSame(sizes(), [3], 'a batch that is not full waits for the write')
  await settle()
  t.strictSame(sizes(), [3, 4])
  await settle()
  t.strictSame(sizes(), [3, 4], 'and nothing is written when there is nothing')
})

t.test('a full batch goes beside the writes in flight, a few at most', async (t) => {
  const { add, sizes, settle } = startBatcher({ maxWritesInFlight: 3 })
  void add(1)
  await nextTurn()
  void add(45)
  await nextTurn()
  t.strictSame(sizes(), [1, 10, 10])
  await settle()
  t.strictSame(sizes(), [1, 10, 10, 10])
  await settle()
  t.strictSame(sizes(), [1, 10, 10, 10, 10])
  for (let writes = 0; writes < 2; writes++) await settle()
  t.strictSame(sizes(), [1, 10, 10, 10, 10], 'the rest is not full and waits for the last write')
  await settle()
  t.strictSame(sizes(), [1, 10, 10, 10, 10, 5])
})

t.test('a batch takes no further event once it holds its bytes', async (t) => {
  const table: [bytes: number[], sizes: number[]][] = [
    [[500, 500, 1], [2]], [[999, 1, 1], [2]], [[1_000, 1], [1]], [[5_000, 5_000], [1, 1]], [[0, 0, 0], [3]]
  ]
  for (const [bytes, expected] of table) {
    const { batcher, sizes } = startBatcher({ maxWritesInFlight: 4 })
    for (const size of bytes) void addTo(batcher, event(), size)
    await nextTurn()
    t.strictSame(sizes(), expected, String(bytes))
  }
})

t.test('a batch is of one priority, and priorities do not wait for each other', async (t) => {
  const { add, written, settle } = startBatcher()
  void add(1, 9)
  await nextTurn()
  void [...add(2, 9), ...add(2, 1), ...add(1, 5)]
  await nextTurn()
  t.strictSame(written.map(({ priority, events }) => [priority, events.map((event) => event.priority)]), [[9, [9]], [
    1,
    [1, 1]
  ], [5, [5]]])
  await settle()
  t.strictSame(written.at(-1)?.events.map(({ priority }) => priority), [9, 9])
})

t.test('the events of a batch are called back with the same end, once it is written', async (t) => {
  const { add, settle } = startBatcher()
  const ends = add(2)
  const [other] = add(1, 1)
  const state = { isConfirmed: false }
  void ends[0]?.finally(() => { state.isConfirmed = true })
  await nextTurn()
  t.equal(state.isConfirmed, false)
  await settle()
  const [first, second] = await Promise.all(ends)
  t.equal(first, second)
  await settle()
  t.not(first, await other)
})

t.test('a write that fails tells so to the events of its batch and to no others', async (t) => {
  const { add, settle, batcher } = startBatcher()
  const failing = add(2)
  await nextTurn()
  const following = add(1)
  await settle(0, new Error('connection lost'))
  t.match(await Promise.all(failing), [{ isStored: false, error: { message: 'connection lost' } }, {
    isStored: false,
    error: { message: 'connection lost' }
  }])
  await settle()
  t.match(await Promise.all(following), [{ isStored: true }])
  t.equal(batcher.unwritten, 0)
})

t.test('a write that throws at once has failed too', async (t) => {
  const { add, batcher } = startBatcher({ write: () => { throw new Error('broken') } })
  t.match(await Promise.all(add(2)), [{ isStored: false, error: { message: 'broken' } }, { isStored: false }])
  await batcher.drain()
})

t.test('drains when everything is written, well or not', async (t) => {
  const { batcher, add, settle } = startBatcher()
  await batcher.drain()
  const first = add(1)
  const state = { drained: 0 }
  const drains = [0, 1].map(() => batcher.drain().finally(() => { state.drained++ }))
  await nextTurn()
  const second = add(1)
  await settle()
  t.equal(state.drained, 0, 'what comes while it drains is waited for')
  t.equal(batcher.unwritten, 1)
  await settle(0, new Error('connection lost'))
  t.match(await Promise.all([...first, ...second]), [{ isStored: true }, { isStored: false }])
  await Promise.all(drains)
  t.equal(batcher.unwritten, 0)
  await batcher.drain()
})

t.test('writes every event exactly once, in order of its priority, within its limits', async (t) => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        priority: fc.integer({ min: 1, max: 3 }),
        count: fc.integer({ min: 1, max: 9 }),
        bytes: fc.integer({ min: 0, max: 60 })
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('settle' as const), place: fc.nat({ max: 5 }), fails: fc.boolean() })
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) }
  )
  const limits = fc.record({
    maxEvents: fc.integer({ min: 1, max: 6 }),
    maxBytes: fc.integer({ min: 1, max: 100 }),
    maxWritesInFlight: fc.integer({ min: 1, max: 4 })
  })
  await t.resolves(fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 40 }), async (limits, steps) => {
      const { batcher, written, open, settle } = startBatcher(limits)
      const added = new Map<number, string[]>()
      const answers: Promise<'kept' | 'lost'>[] = []
      let failed = 0
      const inFlight = () =>
        [...Map.groupBy(open, ({ batch }) => batch.priority).values()].map((writes) => writes.length)
      const settleOne = async (place: number, fails: boolean) => {
        if (open.length === 0) return
        if (fails) failed += open[place % open.length]?.batch.events.length ?? 0
        await settle(place % open.length, fails ? new Error('connection lost') : undefined)
      }
      for (const step of steps) {
        if (step.kind === 'add') {
          for (let count = 0; count < step.count; count++) {
            const next = event(step.priority)
            added.set(step.priority, [...added.get(step.priority) ?? [], next.id])
            answers.push(addTo(batcher, next, step.bytes).then(({ isStored }) =>
              isStored ? 'kept' as const : 'lost' as const
            ))
          }
        } else if (step.kind === 'settle')
          await settleOne(step.place, step.fails)
        else await nextTurn()
        if (inFlight().some((writes) => writes > limits.maxWritesInFlight)) return false
      }
      await nextTurn()
      if (batcher.unwritten > 0 && open.length === 0) return false
      while (open.length > 0) await settleOne(0, false)
      await batcher.drain()
      const outcomes = await Promise.all(answers)
      const inOrder = [...added].every(([priority, ids]) =>
        JSON.stringify(written.filter((batch) =>
          batch.priority === priority
        ).flatMap(({ events }) => events.map(({ id }) => id))) === JSON.stringify(ids)
      )
      return inOrder && batcher.unwritten === 0 && outcomes.filter((outcome) => outcome === 'lost').length === failed &&
        written.every(({ id, priority, events }) =>
          events.length <= limits.maxEvents && events.every((event) => event.priority === priority) &&
          id.startsWith(`${priority}-${events.length}-`)
        ) &&
        new Set(written.map(({ id }) => id)).size === written.length
    }),
    { numRuns: 200 }
  ))
})

t.test('events of one priority share a batch only within their shard, and the batch carries it', async (t) => {
  const { batcher, written, open, settle } = startBatcher({ shardOf: (key) => key === undefined ? 0 : 7 })
  const ends = [undefined, 'k1', 'k2', undefined].map((key) =>
    new Promise((resolve) => { batcher.add(event(3), { bytes: 1, key }, resolve) }))
  await nextTurn()
  t.strictSame(written.map(({ id }) => parseBatchId(id)), [
    { priority: 3, count: 2, shard: 0 }, { priority: 3, count: 2, shard: 7 }
  ])
  t.equal(batcher.unwrittenByPriority[3], 4)
  while (open.length > 0) await settle()
  await Promise.all(ends)
  t.equal(batcher.unwrittenByPriority[3], 0)
})

t.test('what waits behind a write that met an outage fails with it, and what comes later is tried', async (t) => {
  const writes: PromiseWithResolvers<void>[] = []
  const batcher = new EventBatcher({
    shardOf: () => 0,
    maxEvents: 1, maxBytes: 1_000, maxWritesInFlight: 1, isOutage: () => true,
    write: () => {
      const write = Promise.withResolvers<void>()
      writes.push(write)
      return write.promise
    }
  })
  const waiting = [1, 2, 3].map(() => addTo(batcher, event(), 1))
  await nextTurn()
  t.equal(writes.length, 1)
  writes[0]?.reject(new Error('away'))
  t.match(await Promise.all(waiting), [
    { isStored: false, isWritten: true }, { isStored: false, isWritten: false }, { isStored: false, isWritten: false }
  ])
  t.equal(batcher.unwritten, 0)
  const later = addTo(batcher, event(), 1)
  await nextTurn()
  writes[1]?.resolve()
  t.match(await later, { isStored: true })
})
