import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { DONE } from '../../services/event/outcome.ts'
import { parseBatchId } from '../../services/queue/batch.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { eventHandler, postBatch, startApp } from '../app.ts'

const PER_POST = 25

t.test('shards are added and removed under load: every event is handled once, and repetitions are known', async (t) => {
  const redis = await startRedis(t)
  const handled = new Map<string, number>()
  const shards = new Set<number | undefined>()
  const options = {
    redis,
    handlers: [eventHandler(({ id }) => {
      handled.set(id, (handled.get(id) ?? 0) + 1)
      return DONE
    })]
  }
  const { app } = await startApp(t, { ...options, env: { QUEUE_SHARDS: '2', ROLE: 'all' } })
  const know = async (count: number, ...apps: FastifyInstance[]) =>
    await eventually(`all know ${count} shards`, () => apps.every(({ queue }) => queue.map.shards === count))
  await know(2, app)

  let posted = 0
  const eventsOf = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: 'x', payload: index, id: `event-${first + index}` }))
  /** Posts to each app in turn, half of the events without ids. */
  const load = async (apps: readonly FastifyInstance[], posts: number) => {
    await Promise.all(Array.from({ length: posts }, async (_, number) => {
      const own = apps[number % apps.length] as FastifyInstance
      const first = posted
      posted += PER_POST
      const withIds = await postBatch(own, eventsOf(first, PER_POST))
      const without = await postBatch(own, eventsOf(0, PER_POST).map(({ id: _id, ...event }) => event))
      t.strictSame([withIds.statusCode, without.statusCode], [202, 202])
      for (const { id } of (without.json() as { results: { id: string }[] }).results) shards.add(parseBatchId(id)?.shard)
    }))
  }
  const repeat = async (own: FastifyInstance) => {
    for (let first = 0; first < posted; first += 100) {
      const answer = await postBatch(own, eventsOf(first, Math.min(100, posted - first)))
      const statuses = (answer.json() as { results: { status: string }[] }).results.map(({ status }) => status)
      t.strictSame(new Set(statuses), new Set(['duplicate']))
    }
  }

  await load([app], 20)
  const { app: other } = await startApp(t, { ...options, env: { QUEUE_SHARDS: '5', ROLE: 'all' } })
  await Promise.all([know(5, app, other), load([app, other], 20)])
  await load([app, other], 60)
  t.strictSame(shards, new Set([0, 1, 2, 3, 4]))
  await repeat(app)
  await repeat(other)
  await Promise.all([other.server.close(), other.close(), load([app], 20)])
  await know(2, app)
  await load([app], 20)
  await repeat(app)
  const total = 2 * posted
  await eventually('all are handled', () => handled.size === total)
  t.strictSame([...handled.values()].filter((times) => times !== 1), [])
  const { balance, done } = await eventually('all are settled', async () => {
    const reading = await app.queue.sample()
    return reading.done === total && reading
  })
  t.strictSame([done, balance.imbalance.queue], [total, 0])
})
