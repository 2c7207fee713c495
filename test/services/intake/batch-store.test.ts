import t from 'tap'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { BatchStore, type BatchStoreOptions } from '../../../services/intake/batch-store.ts'
import type { Batch } from '../../../services/queue/batch.ts'
import { batchOf } from '../queue/setup.ts'

function startStore (options: Partial<BatchStoreOptions> = {}) {
  const stored: [where: string, id: string][] = []
  const to = (where: string) => async ({ id }: Batch) => { stored.push([where, id]) }
  const store = new BatchStore({
    queue: async (batch) => { await to('queue')(batch); return [] },
    sync: async (batch) => { await to('sync')(batch); return [] },
    spool: to('spool'),
    spoolClasses: new Set<PriorityClass>(['critical']),
    isQueueThere: () => true,
    hardLimit: () => 700,
    ...options
  })
  return { store, stored }
}

const GONE = new Error('Connection is closed.')
const fails = async () => { throw GONE }

t.test('stores a batch where it is wanted, and names the level', async (t) => {
  const { store, stored } = startStore()
  const batch = batchOf(1, 1)
  t.equal((await store.queued(batch, () => {})).durability, 'queued')
  t.equal((await store.synced(batch, () => {})).durability, 'synced')
  t.equal((await store.spooled(batch)).durability, 'spooled')
  t.strictSame(stored.map(([where]) => where), ['queue', 'sync', 'spool'])
})

const FULL = Object.assign(new Error('ERR SPILLWAY_NO_ROOM 700 of 700'), { name: 'ReplyError' })

t.test('spools what the hard limit keeps out, and not what the load does', async (t) => {
  const isFull = async () => { throw FULL }
  const { store, stored } = startStore({ queue: isFull, spoolClasses: new Set<PriorityClass>(['critical', 'normal']) })
  t.equal((await store.queued({ ...batchOf(1, 1), mostDepth: 700 }, () => {})).durability, 'spooled')
  await t.rejects(store.queued({ ...batchOf(1, 5), mostDepth: 500 }, () => {}), FULL)
  t.strictSame(stored.map(([where]) => where), ['spool'])
})

t.test('spools what the queue could not take, under the same id, if its class is spooled', async (t) => {
  const { store, stored } = startStore({ queue: fails, sync: fails })
  const batch = batchOf(1, 1)
  t.equal((await store.queued(batch, () => {})).durability, 'spooled')
  t.equal((await store.synced(batch, () => {})).durability, 'spooled')
  t.strictSame(stored, [['spool', batch.id], ['spool', batch.id]])
  await t.rejects(store.queued(batchOf(1, 5), () => {}), GONE)
  await t.rejects(
    startStore({ queue: fails, spool: undefined }).store.queued(batch, () => {}),
    GONE,
    'where there is no spool'
  )
})

t.test('does not wait for a queue that is known to be away', async (t) => {
  const { store, stored } = startStore({ isQueueThere: () => false })
  t.equal((await store.queued(batchOf(1, 1), () => {})).durability, 'spooled')
  t.equal((await store.queued(batchOf(1, 5), () => {})).durability, 'queued', 'but tries where there is no other way')
  t.strictSame(stored.map(([where]) => where), ['spool', 'queue'])
})

t.test('says what the queue said when neither takes it', async (t) => {
  const { store } = startStore({ queue: fails, spool: async () => { throw new Error('spool-full') } })
  await t.rejects(store.queued(batchOf(1, 1), () => {}), GONE)
  await t.rejects(store.spooled(batchOf(1, 1)), { message: 'spool-full' })
})

t.test('tells which events were stored before', async (t) => {
  const repeat = { index: 1, id: 'first', place: 'batch.0', priority: 1, typeDigest: 'x' }
  const { store } = startStore({ queue: async () => [repeat] })
  const batch = batchOf(2, 1)
  t.strictSame([...(await store.queued(batch, () => {})).repeats], [[batch.events[1], repeat]])
})
