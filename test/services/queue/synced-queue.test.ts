import t, { type Test } from 'tap'
import { Shards } from '../../../services/queue/shards.ts'
import { fsyncOf, SyncedQueue } from '../../../services/queue/synced-queue.ts'
import { connectForSync, type Redis } from '../../../services/redis/connection.ts'
import { eventually } from '../../../rig/eventually.ts'
import { RedisProcess, startRedis, type RedisOptions } from '../../../rig/redis.ts'
import { startReplicated } from '../../../rig/replicated.ts'
import { startProxy } from '../../../rig/tcp-proxy.ts'
import type { Repeat } from '../../../services/queue/remembered.ts'
import { NAMESPACE } from '../../queue-keys.ts'
import { batchOf, startQueue } from './setup.ts'

/** @param around wraps the add of the queue of its own */
async function startSynced (
  t: Test, options: RedisOptions | RedisProcess, replicas = 0, address?: string,
  around = async (add: () => Promise<readonly Repeat[]>, _own: Redis) => await add()
) {
  const { queue, connection, redis } = await startQueue(
    t, options instanceof RedisProcess ? options : await startRedis(t, options)
  )
  const opened = { connections: 0 }
  const clock = { ms: 0 }
  const synced = new SyncedQueue({
    queue,
    redis: connection,
    now: () => clock.ms,
    replicas,
    open: () => {
      opened.connections++
      const own = connectForSync(address ?? redis.url)
      const ownQueue = new Shards(own, NAMESPACE, {
        idempotencyTtlMs: 1_000,
        receiptTtlMs: 10_000,
        mostReceipts: 1_000
      }, () => {})
      const add: Shards['add'] = (...args) => around(() => ownQueue.add(...args), own)
      const addMerged: Shards['addMerged'] = (...args) => ownQueue.addMerged(...args)
      return {
        queue: Object.create(ownQueue, { add: { value: add }, addMerged: { value: addMerged } }) as Shards,
        connectionsOf: () => new Set([own]),
        close: async () => {
          await ownQueue.close()
          own.disconnect()
        }
      }
    }
  })
  t.teardown(() => synced.close())
  return { synced, queue, connection, opened, clock }
}

const EVERYSEC = { appendonly: true, extraArgs: ['--appendfsync', 'everysec'] }

t.test('a Redis that syncs every write needs nothing further', async (t) => {
  const { synced, queue, opened } = await startSynced(t, { appendonly: true })
  t.equal(await synced.isSupported(), true)
  t.strictSame(await synced.add(batchOf(2)), [])
  t.equal((await queue.sample()).depthByPriority[5], 2)
  t.equal(opened.connections, 0)
})

t.test('a Redis without an append-only file cannot promise it', async (t) => {
  const { synced, queue } = await startSynced(t, {})
  t.equal(await synced.isSupported(), false)
  await t.rejects(synced.add(batchOf(1)), { code: 'sync-unsupported' })
  t.equal((await queue.sample()).depthByPriority[5], 0, 'and nothing is stored')
})

t.test('an append-only file that is switched off is noticed at once, and one that is switched on within seconds', async (t) => {
  const { synced, queue, connection, clock } = await startSynced(t, { appendonly: true })
  await synced.add(batchOf(1))
  await connection.config('SET', 'appendonly', 'no')
  t.equal(await synced.isSupported(), true, 'nobody was asked again')
  await t.rejects(synced.add(batchOf(2)), { code: 'sync-unsupported' })
  t.equal((await queue.sample()).depthByPriority[5], 1, 'and nothing is stored')
  t.equal(await synced.isSupported(), false)
  await connection.config('SET', 'appendonly', 'yes')
  await connection.config('SET', 'appendfsync', 'always')
  clock.ms += 2_001
  t.equal(await synced.isSupported(), true)
})

t.test('what was found out is asked again every few seconds, without a wait while it is fresh', async (t) => {
  const { synced, connection, clock } = await startSynced(t, { appendonly: true })
  t.equal(await synced.isSupported(), true)
  await connection.config('SET', 'appendonly', 'no')
  clock.ms += 1_500
  t.equal(await synced.isSupported(), true)
  await eventually('it was asked beside that', async () => !await synced.isSupported())
})

t.test('a Redis that syncs every second is asked to wait for its disk, where it can be', async (t) => {
  const { synced, queue, connection, opened } = await startSynced(t, EVERYSEC)
  const canWait = await connection.call('COMMAND', 'INFO', 'WAITAOF').then((reply) => (reply as unknown[])[0] !== null)
  t.equal(await synced.isSupported(), canWait)
  if (!canWait) {
    await t.rejects(synced.add(batchOf(1)), { code: 'sync-unsupported' })
    return
  }
  t.strictSame(await Promise.all([synced.add(batchOf(1)), synced.add(batchOf(2))]), [[], []])
  t.equal((await queue.sample()).depthByPriority[5], 3)
  t.equal(opened.connections, 1, 'on a connection of its own')
})

t.test('reads from what Redis says how its writes get onto the disk', async (t) => {
  const table: [info: string, appendfsync: string | undefined, fsync: string][] = [
    ['redis_version:7.0.15\r\nloading:0\r\naof_enabled:1\r\n', 'always', 'always'],
    ['redis_version:7.0.15\r\nloading:0\r\naof_enabled:1\r\n', 'everysec', 'unsupported'],
    ['redis_version:7.2.0\r\nloading:0\r\naof_enabled:1\r\n', 'everysec', 'waitaof'],
    ['redis_version:8.0.1\r\nloading:0\r\naof_enabled:1\r\n', undefined, 'waitaof'],
    ['redis_version:7.0.15\r\nloading:0\r\naof_enabled:1\r\n', undefined, 'unsupported'],
    ['redis_version:8.0.1\r\nloading:0\r\naof_enabled:0\r\n', 'always', 'unsupported'],
    ['redis_version:7.0.15\r\nloading:1\r\naof_enabled:0\r\n', 'always', 'loading']
  ]
  for (const [info, appendfsync, fsync] of table) t.equal(fsyncOf(info, appendfsync), fsync, info)
})

t.test('waits for the replicas that it has to, and for no others', async (t) => {
  const { master, replica } = await startReplicated(t)
  const { synced, queue } = await startSynced(t, master, 1)
  await synced.add(batchOf(1))
  replica.pause()
  const order: string[] = []
  const adding = synced.add(batchOf(2)).finally(() => { order.push('synced') })
  await eventually('Redis has both', async () => {
    const { depthByPriority } = await queue.sample()
    return depthByPriority[5] === 3
  })
  order.push('the replica goes on')
  replica.resume()
  await adding
  t.strictSame(order, ['the replica goes on', 'synced'])
})

t.test('a batch is in doubt if its connection breaks before it is confirmed', async (t) => {
  const { master } = await startReplicated(t)
  const proxy = await startProxy(t, master.path)
  const { synced, queue } = await startSynced(t, master, 1, `redis://127.0.0.1:${proxy.port}`, async (add, own) => {
    const repeats = await add()
    const { promise, resolve } = Promise.withResolvers<void>()
    own.once('ready', resolve).on('error', () => {})
    proxy.reset()
    await promise
    return repeats
  })
  // Redis confirms at once on the next connection, which has written nothing.
  await t.rejects(synced.add(batchOf(1)), { code: 'unconfirmed' })
  t.equal((await queue.sample()).depthByPriority[5], 1)
})

t.test('batches of the spool wait for the replicas, too, and a second try adds nothing', async (t) => {
  const { master, replica } = await startReplicated(t)
  const { synced, queue } = await startSynced(t, master, 1)
  const batches = [batchOf(1), batchOf(2)]
  replica.pause()
  const order: string[] = []
  const adding = synced.addMerged(batches).finally(() => { order.push('confirmed') })
  await eventually('Redis has both', async () => (await queue.sample()).depthByPriority[5] === 3)
  order.push('the replica goes on')
  replica.resume()
  await adding
  t.strictSame(order, ['the replica goes on', 'confirmed'])
  await synced.addMerged(batches)
  t.equal((await queue.sample()).depthByPriority[5], 3)
})

t.test('without replicas batches of the spool need no connection of their own', async (t) => {
  const { synced, queue, opened } = await startSynced(t, {})
  await synced.addMerged([batchOf(1), batchOf(2)])
  t.equal((await queue.sample()).depthByPriority[5], 3)
  t.equal(opened.connections, 0)
})
