import { Redis, type RedisOptions } from 'ioredis'
import type { Node } from '../../config/redis-nodes.ts'
import type { ClusterView } from './slot-owner.ts'

/** How long a node may take, so that the next one is asked. Asking it is no request of a producer. */
export const NODE_MS = 1_000

/** An entry of CLUSTER SLOTS. */
export type SlotRange = readonly [first: number, last: number, master: SlotNode, ...replicas: SlotNode[]]
/** The host is null or empty for the address at which the node was asked. */
type SlotNode = readonly [host: string | null, port: number, ...unknown[]]

/** Asks a node of a Redis Cluster who owns a slot, on a connection of its own with these credentials. */
export async function askNode (node: Node, slot: number, credentials: RedisOptions): Promise<ClusterView> {
  const redis = new Redis({
    ...credentials,
    ...node,
    lazyConnect: true,
    connectTimeout: NODE_MS,
    commandTimeout: NODE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false
  })
  // The first error names the cause; later commands fail because of it.
  let failure: Error | undefined
  redis.on('error', (error: Error) => { failure ??= error })
  try {
    await redis.connect()
    const [info, ranges] = await Promise.all([redis.cluster('INFO'), redis.cluster('SLOTS')])
    return clusterViewOf(String(info), ranges as unknown as SlotRange[], slot, node.host)
  } catch (error) {
    throw new Error(`${node.host}:${node.port}: ${(failure ?? error as Error).message}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}

/**
 * Reads the answers to CLUSTER INFO and CLUSTER SLOTS.
 *
 * @param host the address at which the node was asked
 */
export function clusterViewOf (info: string, ranges: readonly SlotRange[], slot: number, host: string): ClusterView {
  const nodeOf = ([name, port]: SlotNode): Node => ({ host: name || host, port })
  const owning = ranges.find(([first, last]) => first <= slot && slot <= last)
  const [, , master] = owning ?? []
  return {
    isServing: /^cluster_state:ok/m.test(info),
    owner: master && nodeOf(master),
    nodes: ranges.flatMap(([, , ...nodes]) => nodes.map(nodeOf))
  }
}
