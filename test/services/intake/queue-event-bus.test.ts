import { setImmediate as nextTurn } from 'node:timers/promises'
import { Registry } from '@prometheus-io/client'
import t from 'tap'
import type { NamedPolicy } from '../../../services/admission/policy.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { typeDigest, type StoredIdentity } from '../../../services/event/identity-conflict.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Offering, Publication } from '../../../services/intake/event-bus.ts'
import { QueueEventBus, type EventBusOptions } from '../../../services/intake/queue-event-bus.ts'
import type { StoredBatch } from '../../../services/intake/stored-batch.ts'
import { countAdmissions } from '../../../services/ledger/count-admissions.ts'
import { AdmissionLedger } from '../../../services/ledger/admission-ledger.ts'
import { AdmissionMetrics } from '../../../services/metrics/admission-metrics.ts'
import type { Batch } from '../../../services/queue/batch.ts'
import { UnconfirmedError } from '../../../services/queue/unconfirmed-error.ts'
import { Batchers } from '../../../services/intake/batchers.ts'
import { eventually } from '../../../rig/eventually.ts'
import { readingOf, recordedPolicy, startGate } from '../admission/setup.ts'

const event = (priority = 5, id = 'e'): QueuedEvent => ({ id, type: 'x', payload: null, priority, receivedAt: '' })
const stored = (id: string, priority = 5, type = 'x'): StoredIdentity => ({
  id, priority, typeDigest: typeDigest(type)
})
const QUEUED: StoredBatch = { durability: 'queued', repeats: new Map() }

interface BusOptions {
  depth?: number
  write?: (batch: Batch) => Promise<StoredBatch>
  spooled?: Record<string, StoredIdentity>
  onTraced?: EventBusOptions['onTraced']
  further?: NamedPolicy[]
}

async function startBus ({ depth = 0, write = async () => QUEUED, spooled = {}, onTraced, further = [] }: BusOptions = {}) {
  const written: (Batch & { backlog: string })[] = []
  const admission = new AdmissionLedger()
  const types: string[] = []
  const counters = countAdmissions(admission, new AdmissionMetrics(new Registry(), []), { record: (type) => types.push(type) })
  const spool = { classes: new Set<PriorityClass>(['critical']), canWrite: true }
  const { gate } = await startGate({ spool, counters, further })
  gate.observe(readingOf({ 5: depth }))
  const to = (backlog: string) => async (batch: Batch) => {
    written.push({ ...batch, backlog })
    return await write(batch)
  }
  const batchers = new Batchers({
    store: { queued: to('queued'), synced: to('synced'), spooled: to('spooled') },
    inTransit: gate.inTransit,
    shardOf: () => 0,
    maxEvents: 10,
    maxBytes: 1_000,
    patience: {
      patienceMs: 0, isQueueThere: () => true, nextSignals: () => gate.nextSignals(), stopped: new AbortController().signal
    }
  })
  const bus = new QueueEventBus({
    gate,
    batchers,
    spooledEvent: (key) => spooled[key],
    ...(onTraced && { onTraced })
  })
  admission.watch(() => bus.pending)
  return { bus, gate, written, admission, types }
}

/** Submits an event and answers the list of its results, which fills later. */
function submitted (bus: QueueEventBus, event: QueuedEvent, offering: Offering = {}): Publication[] {
  const told: Publication[] = []
  bus.submit(event, offering, (publication) => { told.push(publication) })
  return told
}

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
  t.match(await bus.publish(event()), { status: 'refused', refusal: { kind: 'load', reason: 'circuit-open', retryAfterSeconds: Number } })
  t.match(submitted(bus, event(9)), [{ status: 'refused', refusal: { reason: 'circuit-open' } }], 'at once')
  t.strictSame(written, [])
  t.match(await bus.publish(event(1)), { status: 'accepted' }, 'critical goes in')
  bus.refuseInvalid()
  t.strictSame(admission.take(), {
    'admission:received:normal': 1, 'admission:shed:normal': 1, 'admission:received:low': 1, 'admission:shed:low': 1,
    'admission:received:critical': 1, 'admission:enqueued:critical': 1, 'admission:received:unknown': 1, 'admission:invalid:unknown': 1,
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
    const { bus, gate } = await startBus({ write: async () => { throw error } })
    t.match(await bus.publish(event(1)), { status: 'refused', refusal: { kind: 'queue', reason, retryAfterSeconds: Number } }, String(error))
    t.equal(gate.rejectedCount, 1)
  }
})

t.test('events that are submitted together share a batch', async (t) => {
  const { bus, written } = await startBus()
  await Promise.all([event(), event(), event(2)].map((event) => bus.publish(event, { bytes: 10 })))
  t.strictSame(written.map(({ priority, events }) => [priority, events.length]), [[5, 2], [2, 1]])
})

t.test('sends an event where its producer wants it, and names the level that was met', async (t) => {
  const { bus, written } = await startBus({ write: async (batch) => ({ ...QUEUED, durability: batch.priority === 1 ? 'spooled' : 'synced' }) })
  t.strictSame(await bus.publish(event(), { durability: 'synced' }), { status: 'accepted', durability: 'synced' })
  t.strictSame(await bus.publish(event(1), { durability: 'spooled' }), { status: 'accepted', durability: 'spooled' })
  t.strictSame(written.map(({ backlog }) => backlog), ['synced', 'spooled'])
})

t.test('answers a repeated event with the id of the first', async (t) => {
  const { bus, admission } = await startBus({
    write: async ({ events }) => ({ durability: 'queued', repeats: new Map([[events[0]!, stored('first')]]) })
  })
  t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'duplicate', id: 'first' })
  t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:duplicate:normal': 1 })
})

t.test('an event in the spool is found there, under the id that it was answered with', async (t) => {
  const { bus, written } = await startBus({ spooled: { k: stored('place') } })
  t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'duplicate', id: 'place', durability: 'spooled' })
  t.strictSame(await bus.publish(event(5, ''), { key: 'k' }), { status: 'duplicate', id: 'place', durability: 'spooled' })
  t.equal(written.length, 0)
})

t.test('the same event at the same time is told to wait, and may come again whatever became of the first', async (t) => {
  for (const end of ['stored', 'failed'] as const) {
    const written = Promise.withResolvers<StoredBatch>()
    const { bus, admission } = await startBus({ write: () => written.promise })
    const first = bus.publish(event(), { key: 'k' })
    t.strictSame(await bus.publish(event(), { key: 'k' }), { status: 'in-flight' })
    t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:duplicate:normal': 1 }, 'what is in progress is not booked')
    await nextTurn()
    if (end === 'stored') written.resolve(QUEUED)
    else written.reject(new Error('Command timed out'))
    t.equal((await first).status, end === 'stored' ? 'accepted' : 'refused')
    t.not((await bus.publish(event(), { key: 'k' })).status, 'in-flight')
  }
})

t.test('the same event twice in one body shares one fate', async (t) => {
  for (const fails of [false, true]) {
    const { bus, written, admission } = await startBus({ write: async () => { if (fails) throw new Error('gone'); return QUEUED } })
    const [first, second] = [event(5, 'a'), event(5, 'a')].map((event) => submitted(bus, event, { key: 'k', mayFollow: true }))
    await eventually('both were told', () => first!.length + second!.length === 2)
    t.equal(written[0]?.events.length, 1)
    if (fails) {
      t.match([first, second], [[{ refusal: { reason: 'queue-unavailable' } }], [{ refusal: { reason: 'queue-unavailable' } }]])
      t.strictSame(admission.take(), {
        'admission:shed:normal': 2, 'admission:received:normal': 2, 'refused:queue-unavailable': 2
      })
    } else {
      t.strictSame([first, second], [[{ status: 'accepted', durability: 'queued' }], [{ status: 'duplicate', id: 'a' }]])
      t.strictSame(admission.take(), { 'admission:enqueued:normal': 1, 'admission:duplicate:normal': 1, 'admission:received:normal': 2 })
    }
  }
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
  const traced = (priority: number, id: string): QueuedEvent => ({ ...event(priority, id), trace: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } })
  const offered: [QueuedEvent, Offering][] = [
    [traced(5, 'stored'), { key: 'k' }], [traced(5, 'again'), { key: 'k' }], [traced(5, 'follower'), { key: 'k', mayFollow: true }],
    [traced(9, 'low'), {}], [traced(5, 'spooled before'), { key: 'spooled' }], [event(5, 'of no trace'), {}]
  ]
  await Promise.all(offered.map(([event, offering]) => bus.publish(event, offering)))
  t.strictSame(told.toSorted(([a], [b]) => a < b ? -1 : 1), [['again', 'in-flight'], ['follower', 'duplicate'], ['low', 'refused'], ['spooled before', 'duplicate'], ['stored', 'accepted']])
})

t.test('a repetition never lowers what was promised, wherever the first is', async (t) => {
  const worse = event(7, 'e')
  const better = event(4, 'e')
  const other = { ...event(7, 'e'), type: 'y' }
  const conflict = (field: string) => ({ status: 'conflict', errors: [{ field, message: String }] })
  const table: [claim: string, options: BusOptions][] = [
    ['in the spool', { spooled: { k: stored('first', 5) } }],
    [
      'in the queue',
      {
        write: async ({ events }) => ({
          durability: 'queued', repeats: new Map(events.map((event) => [event, stored('first', 5)]))
        })
      }
    ]
  ]
  for (const [claim, options] of table) {
    const { bus, admission } = await startBus(options)
    t.match(
      await bus.publish(worse, { key: 'k' }), { status: 'duplicate', id: 'first' },
      `${claim}: a worse priority is a duplicate`
    )
    t.match(await bus.publish(better, { key: 'k' }), conflict('priority'), `${claim}: a better one is none`)
    t.match(await bus.publish(other, { key: 'k' }), conflict('type'), `${claim}: nor is another type`)
    t.match(await bus.publish({ ...better, type: 'y' }, { key: 'k' }), {
      errors: [{ field: 'type' }, { field: 'priority' }]
    })
    t.strictSame(admission.take(), {
      'admission:received:normal': 2, 'admission:invalid:normal': 2, 'admission:received:low': 2, 'admission:duplicate:low': 1,
      'admission:invalid:low': 1
    })
  }
})

t.test('what contradicts an event on its way to a store learns whether that is stored', async (t) => {
  for (const mayFollow of [false, true]) {
    for (const end of ['stored', 'failed'] as const) {
      const written = Promise.withResolvers<StoredBatch>()
      const { bus, admission } = await startBus({ write: () => written.promise })
      const first = bus.publish(event(5), { key: 'k' })
      const better = bus.publish(event(4), { key: 'k', mayFollow })
      await nextTurn()
      if (end === 'stored') written.resolve(QUEUED)
      else written.reject(new Error('Command timed out'))
      t.match(
        [await first, await better],
        end === 'stored' ? [{ status: 'accepted' }, { status: 'conflict' }] : [{ status: 'refused' }, { status: 'refused' }]
      )
      t.equal(admission.take()['admission:received:normal'], 2)
    }
  }
})

t.test('says that an event may be stored of the one that was written and of repetitions of it, not of one that contradicts it', async (t) => {
  const written = Promise.withResolvers<StoredBatch>()
  const { bus } = await startBus({ write: () => written.promise })
  const offered = [event(5), event(5), event(4), { ...event(5), type: 'y' }].map((event) => bus.publish(event, { key: 'k', mayFollow: true }))
  await nextTurn()
  written.reject(new UnconfirmedError(new Error('Command timed out')))
  t.strictSame((await Promise.all(offered)).map((publication) => publication.status === 'refused' && publication.refusal.mayBeStored === true), [true, true, false, false])
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
