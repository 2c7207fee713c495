import t from 'tap'
import { idempotencyDigest } from '../../services/event/idempotency-key.ts'
import { DONE, type Outcome } from '../../services/event/outcome.ts'
import { parseBatchId } from '../../services/queue/batch.ts'
import { shardOfDigest } from '../../services/queue/shard-choice.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { connectPatiently } from '../patient-connection.ts'
import { eventHandler, post, postBatch, startApp } from '../app.ts'

const SHARDS = 4
const env = { QUEUE_SHARDS: String(SHARDS), NAMESPACE: 'spillway' }

/** An id whose digest has this shard. */
const idIn = (shard: number, name = 'event') => {
  for (let number = 0; ; number++) {
    const id = `${name}-${number}`
    if (shardOfDigest(idempotencyDigest({ id }) as string, SHARDS) === shard) return id
  }
}

async function startShards (t: Parameters<typeof startApp>[0], options: Parameters<typeof startApp>[1] = {}) {
  const started = await startApp(t, { ...options, env: { ...env, ...options.env } })
  await eventually('the shards are agreed on', () => started.app.queue.map.shards === SHARDS)
  return started
}

t.test('events go to all shards, and are one queue for producers and operators', async (t) => {
  const { app } = await startShards(t)
  const withIds = Array.from({ length: 100 }, (_, index) => ({ type: 'x', payload: index, id: `e${index}` }))
  const without = Array.from({ length: 600 }, (_, index) => ({ type: 'x', payload: index }))
  t.equal((await postBatch(app, withIds)).statusCode, 202)
  const answer = await postBatch(app, without)
  t.equal(answer.statusCode, 202)
  const { results } = answer.json() as { results: { id: string }[] }
  t.strictSame(new Set(results.map(({ id }) => parseBatchId(id)?.shard)), new Set([0, 1, 2, 3]))
  const repeated = await postBatch(app, withIds)
  t.ok((repeated.json() as { results: { status: string }[] }).results.every(({ status }) => status === 'duplicate'))
  await eventually('all of them are read', () => app.backpressure.depth === 700)
  for (const { id } of [results[0]!, results[599]!, withIds[0]!, withIds[99]!]) {
    t.match((await app.inject(`/api/v1/events/${id}`)).json(), { status: 'waiting' })
  }
  t.match((await app.inject('/api/v1/fleet')).json(), { members: [{ queueShards: SHARDS }] })
  const { queues } = (await app.inject('/admin/queues/api/queues')).json() as { queues: { name: string }[] }
  t.strictSame(
    queues.map(({ name }) => name),
    ['rule-engine-events', ...[1, 2, 3].map((shard) => `shard-${shard}-rule-engine-events`)]
  )
})

t.test('workers finish events of all shards; dead letters of all are replayed', async (t) => {
  let outcome: Outcome = { status: 'dead', reason: 'refused' }
  const { app } = await startShards(t, { env: { ROLE: 'all' }, handlers: [eventHandler(() => outcome)] })
  const ids = [0, 1, 2, 3].map((shard) => idIn(shard))
  for (const id of ids) t.equal((await post(app, { type: 'x', payload: 1, id })).statusCode, 202)
  await eventually('all are dead letters', async () => (await app.queue.sample()).deadLetters.kept === SHARDS)
  for (const id of ids) t.match((await app.inject(`/api/v1/events/${id}`)).json(), { status: 'dead-letter' })
  outcome = DONE
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })).statusCode, 202)
  await eventually('all are done', async () => {
    const receipts = await Promise.all(ids.map(async (id) => (await app.inject(`/api/v1/events/${id}`)).json()))
    return receipts.every(({ status }) => status === 'done')
  })
  const { balance } = await app.queue.sample()
  t.equal(balance.imbalance.queue, 0)
})

t.test('a shard that fails sheds its own events, its critical ones are spooled, and return', async (t) => {
  const redis = await startRedis(t)
  const handled = new Set<string>()
  const { app } = await startShards(t, {
    redis, env: { ROLE: 'all', SPOOL_CLASSES: 'critical' },
    handlers: [eventHandler(({ id }) => { handled.add(id); return DONE })]
  })
  const admin = connectPatiently(redis.url)
  t.teardown(() => admin.disconnect())
  await eventually('the connection is ready', () => admin.status === 'ready')
  await admin.call('ACL', 'SETUSER', 'default', 'resetkeys', '~{spillway:0}*', '~{spillway:1}*', '~{spillway:3}*')
  await eventually('it is seen to be away', () => app.queue.map.isAway(2))
  const sick = { type: 'x', payload: 1, id: idIn(2, 'sick') }
  const refused = await post(app, sick)
  t.match([refused.statusCode, refused.json()], [503, { reason: 'queue-unavailable' }])
  const critical = { type: 'x', payload: 1, priority: 1, id: idIn(2, 'critical') }
  const spooled = await post(app, critical)
  t.match([spooled.statusCode, spooled.json()], [202, { durability: 'spooled' }])
  const well = [0, 1, 3].map((shard) => ({ type: 'x', payload: 1, id: idIn(shard, 'well') }))
  for (const event of well) t.equal((await post(app, event)).statusCode, 202)
  t.equal((await postBatch(app, Array.from({ length: 600 }, () => ({ type: 'x', payload: 1 })))).statusCode, 202)
  await eventually('the others are handled', () => handled.size === 603)
  t.notOk(handled.has(critical.id))
  t.match((await app.inject('/api/v1/metrics/prometheus')).body, /^spillway_queue_shards_away 1$/m)
  await admin.call('ACL', 'SETUSER', 'default', 'allkeys')
  await eventually('the spooled event is handled', () => handled.has(critical.id))
  t.equal((await post(app, sick)).statusCode, 202)
})
