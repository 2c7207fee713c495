import type { Redis } from 'ioredis'
import { addressOfKey, type RedisAddress } from '../redis/redis-address.ts'
import { QueueKeys } from './keys.ts'

/**
 * Returns what opens a connection to the master of a shard; undefined without a Cluster, where one connection serves all
 * shards.
 */
export function connectorOf (
  address: RedisAddress, namespace: string, open: (address: RedisAddress) => Redis
): ((shard: number) => Redis) | undefined {
  const isCluster = typeof address === 'object' && address.cluster !== undefined
  return isCluster ? (shard) => open(addressOfKey(address, new QueueKeys(namespace, shard).root)) : undefined
}
