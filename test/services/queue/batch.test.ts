import fc from 'fast-check'
import t from 'tap'
import {
  batchTimeMs,
  childBatch,
  newBatch,
  parseBatchId,
  parsePlaceId,
  placeId
} from '../../../services/queue/batch.ts'
import { merge } from '../../../services/queue/merged-batch.ts'
import { PlaceDigests } from '../../../services/queue/place-digest.ts'
import { eventsOf } from './setup.ts'

const priority = fc.integer({ min: 1, max: 10 })
const count = fc.integer({ min: 1, max: 300 })

t.test('an id tells priority, number of events and shard, which is also that of all that is made of the batch', async (t) => {
  const shard = fc.integer({ min: 0, max: 999 })
  t.doesNotThrow(() =>
    fc.assert(fc.property(priority, count, shard, (priority, count, shard) => {
      const fresh = newBatch(priority, eventsOf(count), undefined, undefined, shard)
      const child = childBatch(fresh.id, priority, eventsOf(count), [0])
      const { whole } = merge([
        newBatch(priority, eventsOf(count - 1), undefined, undefined, shard),
        childBatch(fresh.id, priority, eventsOf(1), [0])
      ])
      return [fresh, child, whole].every(({ id }) =>
        JSON.stringify(parseBatchId(id)) === JSON.stringify({ priority, count, shard })
      )
    }))
  )
})

t.test('ids are what BullMQ takes for the id of a job', async (t) => {
  for (const id of [newBatch(1, eventsOf(3)).id, childBatch('1-3-0-x', 10, eventsOf(2), [0, 2]).id])
    t.match(id, /^\d{1,2}-\d+-[0-9a-f-]+$/)
})

t.test('every new batch has an id of its own', async (t) => {
  t.equal(new Set(Array.from({ length: 100 }, () => newBatch(5, eventsOf(1)).id)).size, 100)
})

t.test('a child has the same id for the same events of the same parent, and only then', async (t) => {
  const child = (parent: string, indexes: number[]) => childBatch(parent, 5, eventsOf(indexes.length), indexes).id
  t.equal(child('5-9-0-a', [1, 2]), child('5-9-0-a', [1, 2]))
  const ids = [
    child('5-9-0-a', [1, 2]),
    child('5-9-0-a', [1, 3]),
    child('5-9-0-a', [12]),
    child('5-9-0-a', [1]),
    child('5-9-0-b', [1, 2]),
    child('5-9-0-a', [2, 1])
  ]
  t.equal(new Set(ids).size, ids.length)
})

t.test('jobs of others are told by their ids', async (t) => {
  for (
    const id of [
      '',
      '7',
      'repeat:1:2',
      '5',
      '5-',
      '5-1',
      '-1-5-x',
      'a-1-x',
      '5-a-x',
      '100-1-x',
      ' 5-1-x',
      '9f1c-1-x',
      '5-1-x',
      '5-1-1000-x'
    ]
  ) t.equal(parseBatchId(id), undefined, id)
  t.strictSame(parseBatchId('10-128-0-x'), { priority: 10, count: 128, shard: 0 })
})

t.test('an event without an id takes its place as its id, and the place can be read back', async (t) => {
  const batch = newBatch(3, eventsOf(3).map((event, index) => index === 1 ? event : { ...event, id: '' }))
  const digests = new PlaceDigests(batch.secret!)
  t.strictSame(
    batch.events.map(({ id }) => id),
    [`${batch.id}.0-${digests.at(0)}`, 'e1', `${batch.id}.2-${digests.at(2)}`]
  )
  t.strictSame(parsePlaceId(batch.events[2]!.id), { batchId: batch.id, index: 2, digest: digests.at(2) })
  t.strictSame(parsePlaceId(placeId(batch.id, 2)), { batchId: batch.id, index: 2 })
  t.equal(newBatch(3, eventsOf(3)).secret, undefined, 'events with ids of their own need no secret')
  const child = childBatch(batch.id, 3, eventsOf(2), [0, 2])
  t.strictSame(parsePlaceId(placeId(child.id, 1)), { batchId: child.id, index: 1 })
  for (const id of [
    '', 'e1', batch.id, `${batch.id}.`, `${batch.id}.3`, `${batch.id}.-1`, `${batch.id}.1.1`, `${batch.id}.1-`,
    `${batch.id}.1-short`, `${batch.id}.1-too-long-`, `${batch.id}.3-${digests.at(2)}`, `${batch.id}.02-${digests.at(2)}`, `${batch.id}.00`, ` ${batch.id}.1`, '5-1-0-x.0'
  ]) {
    t.equal(parsePlaceId(id), undefined, id)
  }
})

t.test('the id of a new batch tells when it was made', async (t) => {
  const before = Date.now()
  const { id } = newBatch(10, eventsOf(128))
  const madeMs = batchTimeMs(id)
  t.ok(madeMs !== undefined && madeMs >= before && madeMs <= Date.now())
  t.equal(batchTimeMs('5-1-0-01a20a45-3dcd-71e9-8fd9-f4fb5f567963'), 0x01a20a453dcd)
  for (const other of [childBatch(id, 10, eventsOf(1), [0]).id, '5-1-0-x', '', `x${id}`])
    t.equal(batchTimeMs(other), undefined, other)
})
