import fc from 'fast-check'
import t from 'tap'
import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { answeredId, childBatch, newBatch, placeId, type Move } from '../../../services/queue/batch.ts'
import type { BatchTrace } from '../../../services/queue/bullmq/batch-trace.ts'
import type { DeadLetterFate } from '../../../services/dead-letters/dead-letter.ts'
import type { StoredDeadLetter } from '../../../services/dead-letters/dead-letter.ts'
import { PlaceDigests } from '../../../services/queue/place-digest.ts'
import { MOST_HOPS, ReceiptFinder, type ReceiptFinderOptions } from '../../../services/receipt/receipt-finder.ts'
import { eventsOf } from '../queue/setup.ts'

const ADDED_MS = Date.parse('2026-03-01T10:00:00.000Z')
const [ADDED, STARTED, SETTLED] = [0, 1, 2].map((seconds) => new Date(ADDED_MS + seconds * 1_000).toISOString())
const TIMES = { addedMs: ADDED_MS, startedMs: ADDED_MS + 1_000 }

interface World {
  traces?: Record<string, BatchTrace>
  fates?: Record<string, DeadLetterFate>
  remembered?: Record<string, { place: string, id: string }>
  spooled?: readonly string[]
  spooledPlaces?: Record<string, { place: string, id: string }>
  /** The error of every question to the queue. */
  failure?: Error
}

/** A finder in a world in which these batches, dead letters and digests are known. */
function finderIn (
  { traces = {}, fates = {}, remembered = {}, spooled = [], spooledPlaces = {}, failure }: World,
  further: Partial<ReceiptFinderOptions> = {}
) {
  const asked: string[] = []
  const ask = <Answer>(what: string, answer: () => Answer): Promise<Answer> => {
    asked.push(what)
    return failure === undefined ? Promise.resolve(answer()) : Promise.reject(failure)
  }
  const options: ReceiptFinderOptions = {
    queue: {
      trace: (batchId) => ask(batchId, () => {
        const trace = traces[batchId] ?? { state: 'missing' }
        return trace.state === 'missing' ? trace : { secret: SECRET, ...trace }
      }),
      remembered: (digests) => ask('remembered', () => {
        const found = digests.flatMap((digest) => remembered[digest] ?? [])[0]
        return found && { ...found, priority: 3, typeDigest: '' }
      })
    },
    fateOf: async (batchId, index) => fates[placeId(batchId, index)],
    spool: {
      has: (batchId) => spooled.includes(batchId),
      secretOf: (batchId) => spooled.includes(batchId) ? SECRET : undefined,
      remembered: (digest) => spooledPlaces[digest] && { ...spooledPlaces[digest], priority: 3, typeDigest: '' }
    },
    isOutage: (error) => !(error instanceof TypeError),
    ...further
  }
  return { finder: new ReceiptFinder(options), asked }
}

function settled (
  moves: readonly Move[] = [], deadIndexes: readonly number[] = [], expiredIndexes: readonly number[] = []
): BatchTrace {
  return { state: 'settled', ...TIMES, settledMs: ADDED_MS + 2_000, deadIndexes, expiredIndexes, moves }
}

/** Every batch here has this secret. */
const SECRET = 'Aa0-_zZ9Bb1-_yY8Cc2-_xX7Dd3-_wW6'
const answered = (batchId: string, index: number) => answeredId(batchId, index, new PlaceDigests(SECRET).at(index))
const digest = (identity: Parameters<typeof idempotencyDigest>[0]) => idempotencyDigest(identity) as string

const batch = newBatch(3, eventsOf(4, 3))
const place = placeId(batch.id, 1)
const id = answered(batch.id, 1)
const retried: QueuedEvent[] = eventsOf(2, 3).map((event) => ({ ...event, attempt: 2 }))
const child = childBatch(batch.id, 3, retried, [3, 1])
const replay = newBatch(10, retried)
const REPLAYED: DeadLetterFate = { status: 'moved', place: placeId(replay.id, 1), eventId: id, organizationId: '' }
const DEAD_LETTER: StoredDeadLetter = {
  id: 'd-1',
  event: { ...batch.events[1]!, id },
  reason: 'refused',
  error: 'what the consumer said',
  attempts: 3,
  diedAt: '2026-03-01T11:00:00.000Z',
  receivedAt: ADDED!
}
const KEPT: DeadLetterFate = { status: 'kept', deadLetter: DEAD_LETTER }

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

t.test('an id that is none is unknown, and costs no more than one that is', async (t) => {
  for (const other of ['x', '.', `${batch.id}`, place, answered(batch.id, 4), `${id} `, placeId('11-x', 0)]) {
    const { finder, asked } = finderIn({})
    t.strictSame(await finder.find({ id: other }), { id: other, status: 'unknown' })
    t.equal(asked[0], 'remembered')
    t.ok(asked.length <= 2)
  }
})

t.test('looks for the own id first, then for the key, then for the answered id', async (t) => {
  const other = newBatch(7, eventsOf(1, 7))
  const traces = { [batch.id]: settled(), [other.id]: { state: 'void' as const, moves: [] } }
  const done = { status: 'done', priority: 3 }
  const at = (identity: Parameters<typeof digest>[0], id: string) => ({ [digest(identity)]: { place, id } })
  const astray = { [digest({ idempotencyKey: 'a' })]: { place: placeId(other.id, 0), id: 'b' } }
  const table: [
    claim: string,
    remembered: World['remembered'],
    query: Parameters<ReceiptFinder['find']>[0],
    receipt: object
  ][] = [
    ['own id', { ...astray, ...at({ id: 'a' }, 'a') }, { id: 'a' }, { ...done, id: 'a' }],
    ['own id of an organization', at({ id: 'a', organizationId: 'o' }, 'a'), { id: 'a', organizationId: 'o' }, {
      ...done,
      id: 'a'
    }],
    ['not that of another', at({ id: 'a', organizationId: 'o' }, 'a'), { id: 'a', organizationId: 'p' }, {
      id: 'a',
      status: 'unknown'
    }],
    ['nor without', at({ id: 'a', organizationId: 'o' }, 'a'), { id: 'a' }, { id: 'a', status: 'unknown' }],
    ['CloudEvent', at({ id: 'a', source: '/s' }, 'a'), { id: 'a', source: '/s' }, { ...done, id: 'a' }],
    ['not that of another source', at({ id: 'a', source: '/s' }, 'a'), { id: 'a', source: '/r' }, {
      id: 'a',
      status: 'unknown'
    }],
    ['key, answered with the id', at({ idempotencyKey: 'k' }, 'own'), { id: 'k' }, { ...done, id: 'own' }],
    ['key of an organization', at({ idempotencyKey: 'k', organizationId: 'o' }, place), {
      id: 'k',
      organizationId: 'o'
    }, { ...done, id: place }],
    ['an answered id, whatever the organization', {}, { id, organizationId: 'o', source: '/s' }, { ...done, id }]
  ]
  for (const [claim, remembered = {}, query, receipt] of table)
    t.match(await finderIn({ traces, remembered }).finder.find(query), receipt, claim)
})

t.test('what the spool has is found by id and by key', async (t) => {
  const spooledPlaces = {
    [digest({ id: 'a' })]: { place, id: 'a' },
    [digest({ idempotencyKey: 'k' })]: { place, id: 'k' }
  }
  for (const id of ['a', 'k']) {
    t.match(await finderIn({ spooled: [batch.id], spooledPlaces }).finder.find({ id }), {
      id,
      status: 'spooled',
      priority: 3
    })
    t.match(
      await finderIn({ spooled: [batch.id], spooledPlaces, traces: { [batch.id]: settled() } }).finder.find({ id }),
      { id, status: 'done' },
      'when it is in the queue meanwhile'
    )
  }
})

t.test('what leaves the spool for the queue while it is asked for is at no time unknown', async (t) => {
  let isSpooled = true
  const finder = new ReceiptFinder({
    queue: {
      trace: async () => { isSpooled = false; return { state: 'missing' } },
      remembered: async () => undefined
    },
    fateOf: async () => undefined,
    spool: { has: () => isSpooled, secretOf: () => isSpooled ? SECRET : undefined, remembered: () => undefined },
    isOutage: () => true
  })
  t.match(await finder.find({ id }), { id, status: 'spooled' })
})

t.test('an id that was made up from that of another event is as unknown as any', async (t) => {
  const [present, dead] = [{ traces: { [batch.id]: { ...TIMES, state: 'active' as const, events: batch.events } } }, {
    fates: { [place]: KEPT }
  }]
  const failure = new Error('Connection is closed.')
  for (
    const madeUp of [
      answeredId(batch.id, 1, new PlaceDigests(SECRET).at(2)),
      answeredId(batch.id, 1, 'AAAAAAAA'),
      place
    ]
  ) {
    for (
      const world of [present, dead, { ...dead, traces: { [batch.id]: settled([], [1]) } }, { spooled: [batch.id] }]
    ) {
      t.strictSame(await finderIn(world).finder.find({ id: madeUp }), { id: madeUp, status: 'unknown' })
    }
    t.strictSame(await finderIn({ spooled: [batch.id], failure }).finder.find({ id: madeUp }), {
      status: 'unavailable'
    })
  }
})

t.test('while the queue is away only the spool can answer', async (t) => {
  const failure = new Error('Connection is closed.')
  t.strictSame(await finderIn({ failure }).finder.find({ id }), { status: 'unavailable' })
  t.strictSame(await finderIn({ failure }).finder.find({ id: 'x' }), { status: 'unavailable' })
  t.match(await finderIn({ failure, spooled: [batch.id] }).finder.find({ id }), { id, status: 'spooled' })
  t.match(
    await finderIn({ failure, spooled: [batch.id], spooledPlaces: { [digest({ id: 'a' })]: { place, id: 'a' } } })
      .finder.find({ id: 'a' }),
    { id: 'a', status: 'spooled' }
  )
  await t.rejects(finderIn({ failure: new TypeError('a mistake'), spooled: [batch.id] }).finder.find({ id }), TypeError)
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
