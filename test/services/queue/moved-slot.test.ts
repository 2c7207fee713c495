import t from 'tap'
import { startCluster } from '../../../rig/cluster.ts'
import { eventually } from '../../../rig/eventually.ts'
import { Shards } from '../../../services/queue/shards.ts'
import { addressOfKey } from '../../../services/redis/redis-address.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { KEYS, NAMESPACE } from '../../queue-keys.ts'
import { batchOf } from './setup.ts'

t.test('a batch that the former master of the slot refuses goes to the new one, once', async (t) => {
  const cluster = await startCluster(t)
  const [source, target] = await cluster.mastersFrom(KEYS.root)
  const nodes = [{ host: '127.0.0.1', port: source.port }]
  const connection = connectPatiently(addressOfKey({ url: 'redis://cluster', cluster: { nodes, slot: 0 } }, KEYS.root))
  const options = { idempotencyTtlMs: 1_000, receiptTtlMs: 1_000, mostReceipts: 10 }
  const queue = new Shards(connection, NAMESPACE, options, () => {})
  t.teardown(async () => {
    await queue.close()
    connection.disconnect()
  })
  await eventually('the connection is ready', () => connection.status === 'ready')
  await queue.add(batchOf(1))
  await cluster.moveSlot(KEYS.root, target)
  await Promise.all([queue.add(batchOf(2)), queue.add(batchOf(3))])
  t.equal((await queue.sample()).depthByPriority[5], 6)
})
