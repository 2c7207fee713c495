import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Offering } from '../../../services/intake/event-bus.ts'
import type { StoredBatch } from '../../../services/intake/stored-batch.ts'
import { readingOf, recordedPolicy, THRESHOLDS } from '../admission/setup.ts'
import { event, stored, QUEUED, type BusOptions, startBus, submitted } from './bus.ts'

t.test('stores what the gate admits, and answers when it is confirmed', async (t) => {
  const confirmed = Promise.withResolvers<StoredBatch>()
  const { bus, written } = await startBus({ write: () => confirmed.promise })
  let isAnswered = false
  const publication = bus.publish(event(), { bytes: 10 }).finally(() => { isAnswered = true })
  await nextTurn()
  t.strictSame(written.map(({ priority, events }) => [priority, events.length]), [[5, 1]])
  t.equal(isAnswered, false)
  confirmed.resolve(QUEUED)
  t.strictSame(await publication, { status: 'accepted', durability: 'queued' })
})

t.test('answers the refusal of the gate and stores nothing', async (t) => {
  const { bus, written, admission } = await startBus({ depth: 500 })
  t.match(await bus.publish(event()), {
    status: 'refused',
    refusal: { kind: 'load', reason: 'circuit-open', retryAfterSeconds: Number }
  })
  t.match(submitted(bus, event(9)), [{ status: 'refused', refusal: { reason: 'circuit-open' } }], 'at once')
  t.strictSame(written, [])
  t.match(await bus.publish(event(1)), { status: 'accepted' }, 'critical goes in')
  bus.refuseInvalid()
  t.strictSame(admission.take(), {
    'admission:received:normal': 1,
    'admission:shed:normal': 1,
    'admission:received:low': 1,
    'admission:shed:low': 1,
    'admission:received:critical': 1,
    'admission:enqueued:critical': 1,
    'admission:received:unknown': 1,
    'admission:invalid:unknown': 1,
    'refused:circuit-open': 2
  })
})

t.test('tells the type of every event that is offered, whatever becomes of it', async (t) => {
  const { bus, types } = await startBus({ depth: 500 })
  await bus.publish({ ...event(1), type: 'taken' })
  await bus.publish({ ...event(9), type: 'refused' })
  bus.refuseInvalid()
  t.strictSame(types, ['taken', 'refused'])
})

t.test('never rejects, and says why an event could not be stored', async (t) => {
  const table: [error: unknown, reason: string][] = [
    [new Error('Connection is closed.'), 'queue-unavailable'],
    [new Error('Command timed out'), 'queue-unavailable'],
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'queue-full'],
    ['not even an error', 'queue-unavailable']
  ]
  for (const [error, reason] of table) {
    const { bus, gate } = await startBus({
      write: async () => {
        throw error
      }
    })
    t.match(await bus.publish(event(1)), {
      status: 'refused',
      refusal: { kind: 'queue', reason, retryAfterSeconds: Number }
    }, String(error))
    t.equal(gate.rejectedCount, 1)
  }
})

t.test('refuses events for which Redis finds no room as policies would, and refunds their charges', async (t) => {
  const table: [priority: number, kind: string, reason: string, mostDepth: number][] = [
    [1, 'queue', 'queue-full', THRESHOLDS.hardLimit],
    [5, 'load', 'circuit-open', THRESHOLDS.critical],
    [9, 'load', 'circuit-open', THRESHOLDS.critical]
  ]
  for (const [priority, kind, reason, mostDepth] of table) {
    const { policy, calls } = recordedPolicy()
    const { bus, admission, written } = await startBus({
      further: [policy],
      write: async () => { throw Object.assign(new Error('ERR SPILLWAY_NO_ROOM 499 of 500'), { name: 'ReplyError' }) }
    })
    const answers = await Promise.all([event(priority), event(priority, 'f')].map((event) => bus.publish(event)))
    for (const answer of answers) {
      t.match(answer, { status: 'refused', refusal: { kind, reason, retryAfterSeconds: Number } }, `${priority}`)
      t.notMatch(answer, { refusal: { mayBeStored: true } })
    }
    t.match(written, [{ mostDepth }], 'the batch says how deep the queue may get')
    t.strictSame(calls, ['admitted', 'admitted', 'lost', 'lost'])
    t.match(admission.take(), { [`refused:${reason}`]: 2 })
  }
})

t.test('a batch keeps the largest bound of its events, and has none without backpressure', async (t) => {
  const { bus, gate, written } = await startBus()
  await bus.publish(event())
  gate.observe(readingOf({}), { mode: 'observe', thresholds: THRESHOLDS })
  await bus.publish(event())
  gate.observe(readingOf({ 5: 80 }), { mode: 'true', thresholds: THRESHOLDS })
  await bus.publish(event())
  t.strictSame(written.map(({ mostDepth }) => mostDepth), [THRESHOLDS.critical, undefined, THRESHOLDS.critical])
})

t.test('events that are submitted together share a batch', async (t) => {
  const { bus, written } = await startBus()
  await Promise.all([event(), event(), event(2)].map((event) => bus.publish(event, { bytes: 10 })))
  t.strictSame(written.map(({ priority, events }) => [priority, events.length]), [[5, 2], [2, 1]])
})

t.test('sends an event where its producer wants it, and names the level that was met', async (t) => {
  const { bus, written } = await startBus({
    write: async (batch) => ({ ...QUEUED, durability: batch.priority === 1 ? 'spooled' : 'synced' })
  })
  t.strictSame(await bus.publish(event(), { durability: 'synced' }), { status: 'accepted', durability: 'synced' })
  t.strictSame(await bus.publish(event(1), { durability: 'spooled' }), { status: 'accepted', durability: 'spooled' })
  t.strictSame(written.map(({ backlog }) => backlog), ['synced', 'spooled'])
})

t.test('of events of a trace it is told what became of them, and of no others', async (t) => {
  const told: [id: string, status: string][] = []
  const { bus } = await startBus({
    depth: 450,
    spooled: { spooled: stored('old') },
    onTraced: ({ id }, { status }) => {
      told.push([id, status])
    }
  })
  const traced = (priority: number, id: string): QueuedEvent => ({
    ...event(priority, id),
    trace: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
  })
  const offered: [QueuedEvent, Offering][] = [
    [traced(5, 'stored'), { key: 'k' }],
    [traced(5, 'again'), { key: 'k' }],
    [traced(5, 'follower'), { key: 'k', mayFollow: true }],
    [traced(9, 'low'), {}],
    [traced(5, 'spooled before'), { key: 'spooled' }],
    [event(5, 'of no trace'), {}]
  ]
  await Promise.all(offered.map(([event, offering]) => bus.publish(event, offering)))
  t.strictSame(told.toSorted(([a], [b]) => a < b ? -1 : 1), [
    ['again', 'in-flight'],
    ['follower', 'duplicate'],
    ['low', 'refused'],
    ['spooled before', 'duplicate'],
    ['stored', 'accepted']
  ])
})

t.test('an event beyond a quota is refused as such and booked so, and one from a rule goes in', async (t) => {
  const { policy, calls } = recordedPolicy({ kind: 'quota', retry: { afterMs: 60_000 } })
  const { bus, admission, written } = await startBus({ further: [policy] })
  t.strictSame(await bus.publish(event()), {
    status: 'refused', refusal: { kind: 'quota', reason: 'recorded', retryAfterSeconds: 60 }
  })
  t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:quota:normal': 1, 'refused:recorded': 1 })
  t.equal(written.length, 0)
  t.match(await bus.publish(event(), { isInternal: true }), { status: 'accepted' })
  t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:enqueued:normal': 1 })
  t.strictSame(calls, [])
})

t.test('an event is charged once however often it comes, and nothing for what is not stored', async (t) => {
  const table: [claim: string, options: BusOptions, calls: string[]][] = [
    ['stored', {}, ['admitted', 'stored']],
    ['failed', { write: async () => { throw new Error('gone') } }, ['admitted', 'lost']],
    ['stored before', {
      write: async ({ events }) => ({ durability: 'queued', repeats: new Map([[events[0]!, stored('first')]]) })
    }, ['admitted', 'duplicate']],
    ['in conflict with what is stored', {
      write: async ({ events }) => ({ durability: 'queued', repeats: new Map([[events[0]!, stored('first', 5, 'y')]]) })
    }, ['admitted', 'duplicate']],
    ['in the spool', { spooled: { k: stored('first') } }, []]
  ]
  for (const [claim, options, expected] of table) {
    const { policy, calls } = recordedPolicy()
    const { bus } = await startBus({ ...options, further: [policy] })
    await Promise.all([false, true, true].map((mayFollow) => bus.publish(event(), { key: 'k', mayFollow })))
    t.strictSame(calls, expected, claim)
  }
})
