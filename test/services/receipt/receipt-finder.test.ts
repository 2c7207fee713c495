import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { childBatch, newBatch, placeId, type Move } from '../../../services/queue/batch.ts'
import type { BatchTrace } from '../../../services/queue/bullmq/batch-trace.ts'
import type { DeadLetterFate } from '../../../services/dead-letters/dead-letter.ts'
import { MOST_HOPS } from '../../../services/receipt/receipt-finder.ts'
import { eventsOf } from '../queue/setup.ts'
import {
  ADDED, ADDED_MS, answered, batch, child, DEAD_LETTER, finderIn, id, KEPT, place, replay, REPLAYED, retried, SETTLED,
  settled, STARTED, TIMES
} from './finder-world.ts'

interface World {
  traces?: Record<string, BatchTrace>
  fates?: Record<string, DeadLetterFate>
  remembered?: Record<string, { place: string, id: string }>
  spooled?: readonly string[]
  spooledPlaces?: Record<string, { place: string, id: string }>
  /** The error of every question to the queue. */
  failure?: Error
}

t.test('a waiting event is expected to begin when those before it are done, a retry no earlier than it is due', async (t) => {
  const NOW = ADDED_MS + 3_000
  const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString()
  const waiting: BatchTrace = { state: 'waiting', addedMs: ADDED_MS, events: batch.events }
  const retrying = (dueMs: number): BatchTrace => ({ state: 'delayed', ...TIMES, events: batch.events, dueMs })
  const table: [claim: string, trace: BatchTrace, inMs: number | undefined, expected: string | undefined][] = [
    ['in line', waiting, 20_000, at(20)],
    ['without evidence', waiting, undefined, undefined],
    ['a retry that is due late', retrying(NOW + 60_000), 20_000, at(60)],
    ['a retry that is due early', retrying(NOW + 5_000), 20_000, at(20)],
    ['in work', { state: 'active', ...TIMES, events: batch.events }, 20_000, undefined]
  ]
  for (const [claim, trace, inMs, expected] of table) {
    const asked: unknown[] = []
    const { finder } = finderIn({ traces: { [batch.id]: trace } }, {
      now: () => NOW,
      startsInMs: (...question) => {
        asked.push(question)
        return inMs
      }
    })
    const { estimatedStartAt } = await finder.find({ id }) as { estimatedStartAt?: string }
    t.equal(estimatedStartAt, expected, claim)
    t.strictSame(asked, trace.state === 'active' ? [] : [[3, trace === waiting ? 3_000 : 0]], `${claim}, by its age`)
  }
})

t.test('an event is where its batch is, or where it went from there', async (t) => {
  const queued = { id, priority: 3, type: 'x', attempt: 1, receivedAt: ADDED, enqueuedAt: ADDED }
  const second = { ...queued, attempt: 2 }
  const dead = { id, status: 'dead-letter', priority: 3, enqueuedAt: ADDED }
  const deadLetter = { type: 'x', attempt: 3, reason: 'refused', deadLetterId: 'd-1', diedAt: DEAD_LETTER.diedAt }
  const present = { ...TIMES, events: batch.events }
  const later = { addedMs: ADDED_MS + 9_000, events: retried }
  const moved = settled([['3-1-0-elsewhere', [0]], [child.id, [3, 1]]])
  const table: [claim: string, world: World, receipt: object][] = [
    ['waiting', { traces: { [batch.id]: { state: 'waiting', addedMs: ADDED_MS, events: batch.events } } }, {
      ...queued,
      status: 'waiting'
    }],
    ['active', { traces: { [batch.id]: { state: 'active', ...present } } }, {
      ...queued,
      status: 'active',
      startedAt: STARTED
    }],
    ['in a job that broke and is run again', {
      traces: { [batch.id]: { state: 'delayed', ...present, dueMs: ADDED_MS + 2_000 } }
    }, { ...queued, status: 'retrying', nextAttemptAt: SETTLED }],
    ['in a job that was given up', { traces: { [batch.id]: { state: 'failed', ...present } } }, {
      ...queued,
      status: 'active',
      startedAt: STARTED
    }],
    ['in a job that was given up, once its events are dead letters', {
      traces: { [batch.id]: { state: 'failed', ...present } },
      fates: { [place]: KEPT }
    }, { ...dead, ...deadLetter }],
    ['and nothing but the dead letter is left', { fates: { [place]: KEPT } }, {
      id,
      status: 'dead-letter',
      priority: 3,
      ...deadLetter
    }],
    ['done', { traces: { [batch.id]: settled([], [0, 2]) } }, {
      id,
      status: 'done',
      priority: 3,
      enqueuedAt: ADDED,
      startedAt: STARTED,
      finishedAt: SETTLED
    }],
    ['dead', { traces: { [batch.id]: settled([], [0, 1]) }, fates: { [place]: KEPT } }, { ...dead, ...deadLetter }],
    ['dead, and the dead letter was deleted', {
      traces: { [batch.id]: settled([], [1]) },
      fates: { [place]: { status: 'deleted', diedAt: DEAD_LETTER.diedAt, deletedAt: '2026-03-01T12:00:00.000Z' } }
    }, { ...dead, diedAt: DEAD_LETTER.diedAt, deletedAt: '2026-03-01T12:00:00.000Z' }],
    ['dead, replayed and waiting', {
      traces: { [batch.id]: settled([], [1]), [replay.id]: { state: 'waiting', ...later } },
      fates: { [place]: REPLAYED }
    }, { ...queued, attempt: 2, status: 'waiting' }],
    ['dead, replayed and done', {
      traces: { [batch.id]: settled([], [1]), [replay.id]: settled() },
      fates: { [place]: REPLAYED }
    }, { id, status: 'done', priority: 3, enqueuedAt: ADDED, startedAt: STARTED, finishedAt: SETTLED }],
    ['dead, replayed and dead again', {
      traces: { [batch.id]: settled([], [1]), [replay.id]: settled([], [1]) },
      fates: { [place]: REPLAYED, [placeId(replay.id, 1)]: KEPT }
    }, { ...dead, ...deadLetter }],
    [
      'replayed, and nothing is left of its batch',
      { traces: { [replay.id]: settled() }, fates: { [place]: REPLAYED } },
      { id, status: 'done', priority: 3, enqueuedAt: ADDED, startedAt: STARTED, finishedAt: SETTLED }
    ],
    ['dead, and the dead letter is gone', { traces: { [batch.id]: settled([], [1]) } }, { ...dead, diedAt: SETTLED }],
    [
      'put off',
      { traces: { [batch.id]: moved, [child.id]: { state: 'delayed', ...later, dueMs: ADDED_MS + 2_000 } } },
      { ...second, status: 'retrying', nextAttemptAt: SETTLED }
    ],
    ['waiting for another attempt', { traces: { [batch.id]: moved, [child.id]: { state: 'waiting', ...later } } }, {
      ...second,
      status: 'waiting'
    }],
    ['dead in a later batch', {
      traces: { [batch.id]: moved, [child.id]: settled([], [1]) },
      fates: {
        [placeId(child.id, 1)]: KEPT,
        [place]: { status: 'kept', deadLetter: { ...DEAD_LETTER, id: 'another' } }
      }
    }, { ...dead, ...deadLetter }],
    ['done in a later batch', { traces: { [batch.id]: moved, [child.id]: settled([], [0]) } }, {
      id,
      status: 'done',
      priority: 3,
      enqueuedAt: ADDED,
      startedAt: STARTED,
      finishedAt: SETTLED
    }],
    ['one of a body with duplicates', {
      traces: { [batch.id]: { state: 'void', moves: [[child.id, [1, 3]]] }, [child.id]: settled() }
    }, { id, status: 'done', priority: 3, enqueuedAt: ADDED, startedAt: STARTED, finishedAt: SETTLED }],
    ['the duplicate of such a body', { traces: { [batch.id]: { state: 'void', moves: [[child.id, [0, 3]]] } } }, {
      id,
      status: 'unknown'
    }],
    ['in the spool', { spooled: [batch.id] }, { id, status: 'spooled', priority: 3, receivedAt: /^20/ }],
    ['in the spool with a body that was half stored', {
      traces: { [batch.id]: { state: 'void', moves: [[child.id, [1, 3]]] } },
      spooled: [batch.id]
    }, { id, status: 'spooled', priority: 3, receivedAt: /^20/ }],
    ['in the queue, though still in the spool', { traces: { [batch.id]: settled() }, spooled: [batch.id] }, {
      id,
      status: 'done'
    }],
    ['where a batch went that is no longer known', { traces: { [batch.id]: moved } }, { id, status: 'unknown' }],
    ['nowhere', {}, { id, status: 'unknown' }]
  ]
  for (const [claim, world, receipt] of table) {
    const found = await finderIn(world).finder.find({ id })
    t.match(found, receipt, claim)
    if (!claim.includes('spool'))
      t.strictSame(Object.keys(found).toSorted(), Object.keys(receipt).toSorted(), `${claim}, and tells nothing else`)
  }
})

t.test('follows so far and no further', async (t) => {
  const link = (from: number): [string, BatchTrace] => [idOf(from), settled([[idOf(from + 1), [0]]])]
  const idOf = (number: number) => `5-1-0-${String(number).padStart(32, '0')}`
  const chain = Object.fromEntries(Array.from({ length: MOST_HOPS }, (_, number) => link(number)))
  t.match(
    await finderIn({ traces: { ...chain, [idOf(MOST_HOPS)]: settled() } }).finder.find({ id: answered(idOf(0), 0) }),
    { status: 'done' }
  )
  const circle = { [idOf(0)]: settled([[idOf(1), [0]]]), [idOf(1)]: settled([[idOf(0), [0]]]) }
  t.match(await finderIn({ traces: circle }).finder.find({ id: answered(idOf(0), 0) }), { status: 'unknown' })
})

t.test('finds each event wherever a tree of batches took it', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.gen(), async (count, draw) => {
    const traces: Record<string, BatchTrace> = {}
    const fates: Record<string, DeadLetterFate> = {}
    const expected = new Map<string, object>()
    /** Lets a batch be somewhere, or settles it and lets the events that it puts back be anywhere. */
    const grow = (id: string, events: readonly QueuedEvent[], depth: number): void => {
      const state = draw(fc.constantFrom, 'settled', 'settled', 'settled', 'void', 'waiting', 'active', 'delayed')
      const addedMs = ADDED_MS + depth
      if (state === 'waiting' || state === 'active' || state === 'delayed') {
        traces[id] = { state, addedMs, events, dueMs: ADDED_MS + 5_000 } as BatchTrace
        for (const event of events)
          expected.set(event.id, { status: state === 'delayed' ? 'retrying' : state, type: event.type })
        return
      }
      const groups = new Map<string, number[]>()
      for (const index of events.keys()) {
        const fate = depth > 6 ? 'done' : draw(fc.constantFrom, 'done', 'dead', 'expired', 'left', 'right')
        groups.set(fate, [...groups.get(fate) ?? [], index])
      }
      const moves: Move[] = ['left', 'right'].flatMap((side): Move[] => {
        const indexes = groups.get(side)
        if (indexes === undefined) return []
        const shuffled = draw(fc.shuffledSubarray, indexes, { minLength: indexes.length })
        const next = childBatch(id, 5, shuffled.map((index) => events[index] as QueuedEvent), shuffled)
        grow(next.id, next.events, depth + 1)
        return [[next.id, shuffled]]
      })
      const deadIndexes = state === 'void' ? [] : groups.get('dead') ?? []
      for (const index of deadIndexes) {
        fates[placeId(id, index)] = { status: 'kept', deadLetter: { ...DEAD_LETTER, id: `d-${events[index]?.id}` } }
        expected.set(events[index]?.id as string, { status: 'dead-letter', deadLetterId: `d-${events[index]?.id}` })
      }
      const expiredIndexes = groups.get('expired') ?? []
      for (const [fate, indexes] of groups) {
        if (fate === 'left' || fate === 'right' || (fate === 'dead' && state !== 'void')) continue
        for (const index of indexes) {
          expected.set(events[index]?.id as string, { status: state === 'void' ? 'unknown' : fate })
        }
      }
      traces[id] = state === 'void'
        ? { state, moves }
        : { state: 'settled', addedMs, settledMs: ADDED_MS + 9_000, deadIndexes, expiredIndexes, moves }
    }
    const root = newBatch(5, eventsOf(count).map((event) => ({ ...event, type: `type-${event.id}` })))
    grow(root.id, root.events, 0)
    const { finder } = finderIn({ traces, fates })
    for (const [index, { id }] of root.events.entries()) {
      const receipt = await finder.find({ id: answered(root.id, index) })
      for (const [field, value] of Object.entries(expected.get(id) ?? {})) {
        if ((receipt as Record<string, unknown>)[field] !== value)
          throw new Error(`${id}: ${JSON.stringify({ receipt, expected: expected.get(id) })}`)
      }
      if (!expected.has(id)) throw new Error(`nothing expected of ${id}`)
    }
  }))
})
