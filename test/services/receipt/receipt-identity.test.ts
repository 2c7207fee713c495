import t from 'tap'
import { answeredId, newBatch, placeId } from '../../../services/queue/batch.ts'
import type { BatchTrace } from '../../../services/queue/bullmq/batch-trace.ts'
import type { DeadLetterFate } from '../../../services/dead-letters/dead-letter.ts'
import { PlaceDigests } from '../../../services/queue/place-digest.ts'
import { ReceiptFinder } from '../../../services/receipt/receipt-finder.ts'
import { eventsOf } from '../queue/setup.ts'
import { answered, batch, digest, finderIn, id, KEPT, place, SECRET, settled, TIMES } from './finder-world.ts'

interface World {
  traces?: Record<string, BatchTrace>
  fates?: Record<string, DeadLetterFate>
  remembered?: Record<string, { place: string, id: string }>
  spooled?: readonly string[]
  spooledPlaces?: Record<string, { place: string, id: string }>
  /** The error of every question to the queue. */
  failure?: Error
}

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
