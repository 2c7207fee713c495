import { once } from 'node:events'
import t from 'tap'
import { KEYS } from '../../../queue-keys.ts'
import { startCluster, startStray } from '../../../../rig/cluster.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { freePort } from '../../../../rig/free-port.ts'
import { connectForCommands, connectForWorker } from '../../../../services/redis/connection.ts'
import { addressOfKey, type RedisAddress } from '../../../../services/redis/redis-address.ts'

const KEY = KEYS.probe

function addressOf (...ports: number[]): RedisAddress {
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port }))
  return addressOfKey({ url: 'redis://cluster', cluster: { nodes, slot: 0 } }, KEY)
}

t.test('each connection leads to the owner, also the duplicate that a worker blocks', async (t) => {
  const cluster = await startCluster(t)
  const [source, target] = await cluster.mastersFrom(KEY)
  const commands = connectForCommands(addressOf(target.port))
  const worker = connectForWorker(addressOf(target.port))
  const blocking = worker.duplicate()
  for (const connection of [commands, worker, blocking]) {
    connection.on('error', () => {})
    t.teardown(async () => connection.disconnect())
    await eventually('it is ready', () => connection.status === 'ready')
  }
  // Redis tells a blocked client of the new master; that of BullMQ blocks again.
  const left = t.rejects(blocking.bzpopmin(KEY, 0), { message: /^MOVED/ })
  await worker.zadd(`${KEY}:other`, 1, 'a')
  await cluster.moveSlot(KEY, target)
  t.equal((await cluster.masterOf(KEY)).id, target.id)
  await left
  const again = blocking.bzpopmin(KEY, 0)
  await t.rejects(commands.zcard(KEY), { message: /^MOVED/ })
  await eventually('the next command goes to the new master', () => commands.zadd(KEY, 1, 'b').then(() => true))
  t.match(await again, [KEY, 'b', '1'])
  t.equal(await commands.zcard(`${KEY}:other`), 1)
  await source.redis.kill()
  t.equal(await commands.zcard(`${KEY}:other`), 1, 'the former master is of no use any more')
})

t.test('a master that is cut off from the others is left for the one that they have', async (t) => {
  const cluster = await startCluster(t)
  const [master] = await cluster.mastersFrom(KEY)
  const stray = await startStray(t)
  const connection = connectForCommands(addressOf(stray.port, master.port))
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  await eventually('it is ready', () => connection.status === 'ready')
  await connection.set(KEY, 'stray')
  await eventually('the stray knows that it is alone', () =>
    connection.get(KEY).then(() => false, ({ message }: Error) => message.startsWith('CLUSTERDOWN')))
  await eventually('another master is asked', async () => await connection.get(KEY) === null)
})

t.test('a connection to a Cluster that is away ends when it is told to', async (t) => {
  const connection = connectForWorker(addressOf(await freePort()))
  let message = ''
  connection.on('error', (error) => { message = error.message })
  await eventually('it has failed', () => connection.status === 'reconnecting')
  t.match(message, /no node of the Redis Cluster names the owner of slot \d+: 127\.0\.0\.1:\d+: .*ECONNREFUSED/)
  await eventually('it tries again', () => connection.status === 'connecting')
  const waiting = t.rejects(connection.get(KEY), { message: 'Connection is closed.' })
  const ended = once(connection, 'end')
  connection.disconnect()
  await Promise.all([waiting, ended])
})

t.test('a connection that is told to connect anew while it searches does not end', async (t) => {
  const connection = connectForCommands(addressOf(await freePort()))
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  connection.disconnect(true)
  await eventually('it tries again', () => connection.status === 'reconnecting')
})
