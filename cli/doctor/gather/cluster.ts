import type { SlotRange } from '../../../services/redis/cluster/cluster-view.ts'
import type { Redis } from '../../../services/redis/connection.ts'
import type { RedisAddress } from '../../../services/redis/redis-address.ts'
import type { ClusterFacts } from '../facts.ts'

/** Asks the master of the queue about its Cluster; undefined for another Redis. */
export async function clusterFacts (redis: Redis, address: RedisAddress): Promise<ClusterFacts | undefined> {
  if (typeof address === 'string' || address.cluster === undefined) return undefined
  const { slot } = address.cluster
  const [info, ranges] = await Promise.all([redis.cluster('INFO'), redis.cluster('SLOTS')])
  return clusterFactsOf(String(info), ranges as unknown as SlotRange[], slot)
}

function clusterFactsOf (info: string, ranges: readonly SlotRange[], slot: number): ClusterFacts {
  const owning = ranges.find(([first, last]) => first <= slot && slot <= last)
  return {
    state: /^cluster_state:(\w+)/m.exec(info)?.[1] ?? 'unknown',
    masters: new Set(ranges.map(([, , master]) => nameOf(master))).size,
    replicas: new Set(ranges.flatMap(([, , , ...replicas]) => replicas.map(nameOf))).size,
    slot,
    owner: owning === undefined ? 'no master' : nameOf(owning[2])
  }
}

function nameOf ([host, port]: SlotRange[2]): string {
  return `${host}:${port}`
}
