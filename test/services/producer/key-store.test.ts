import t, { type Test } from 'tap'
import { startRedis, type RedisProcess } from '../../../rig/redis.ts'
import { KeyStore } from '../../../services/producer/key-store.ts'
import { KnownKeys } from '../../../services/producer/known-keys.ts'
import { startQueue } from '../queue/setup.ts'
import { makeKey } from './setup.ts'

const redis = await startRedis(t)

/** A replica, as far as it concerns keys. */
async function startReplica (t: Test, server: RedisProcess) {
  const { connection, queue } = await startQueue(t, server)
  const clock = { elapsedMs: 0 }
  const known = new KnownKeys()
  const store = new KeyStore({
    redis: connection, keys: queue.keys, repair: queue.repair, known, elapsed: () => clock.elapsedMs,
    onDamaged: (id, problems) => { throw new Error(`${id}: ${problems.join()}`) }, onError: (error) => { throw error }
  })
  await store.load(1_000)
  /** As with a sample of the queue; resolves once a fetch that it began is over. */
  const sample = async () => {
    const { generation } = known
    store.observe(await connection.hgetall(queue.keys.control))
    // Redis answers in the order of the requests of a connection.
    for (let trips = 0; trips < 3; trips++) await connection.ping()
    return known.generation !== generation
  }
  return { clock, connection, control: queue.keys.control, known, store, sample }
}

t.test('a replica knows its own changes at once, and fetches those of others once a second at most', async (t) => {
  const [one, other] = [await startReplica(t, redis), await startReplica(t, redis)]
  const records = [makeKey().record, makeKey().record, makeKey().record] as const
  const [first, second, third] = records
  const knows = ({ known }: typeof one) => records.filter(({ id }) => known.find(id) !== undefined).length
  t.equal(await one.store.create(first), 'changed')
  t.equal(knows(one), 1)
  one.clock.elapsedMs = other.clock.elapsedMs = 1_000
  t.notOk(await one.sample(), 'it has nothing to fetch')
  t.ok(await other.sample())
  t.equal(knows(other), 1)
  await one.store.create(second)
  other.clock.elapsedMs += 999
  t.notOk(await other.sample(), 'within a second after the fetch before')
  await other.store.create(third)
  t.equal(knows(other), 2, 'its own change is in force all the same')
  other.clock.elapsedMs += 1
  t.ok(await other.sample())
  t.equal(knows(other), 3)
  t.equal(await other.store.delete(first.id), 'changed')
  t.equal(await one.store.replace({ ...first, name: 'changed' }), 'different', 'somebody else changed it first')
  t.equal(knows(other), 2)
})

t.test('a change during a fetch is not lost', async (t) => {
  const [one, other] = [await startReplica(t, redis), await startReplica(t, redis)]
  const { connection, control, known, store } = one
  for (let round = 0; round < 20; round++) {
    const [theirs, ours] = [makeKey().record, makeKey().record]
    await other.store.create(theirs)
    one.clock.elapsedMs += 1_000
    store.observe(await connection.hgetall(control))
    // The records are asked for next, and Redis changes them right after that.
    await connection.ping()
    await Promise.all([store.create(ours), connection.ping()])
    t.strictSame([theirs, ours].map(({ id }) => known.find(id)?.record.id), [theirs.id, ours.id])
  }
})
