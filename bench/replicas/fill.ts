import { Redis } from 'ioredis'
import { sum } from '../../services/admission/sum.ts'
import { ledgerOf } from '../../services/ledger/ledger.ts'
import { QueueKeys } from '../../services/queue/keys.ts'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { flood, THRESHOLDS } from './flood.ts'
import { portOf, startReplicas } from './start.ts'

export interface Filling {
  readonly offered: number
  /** Events in the queue at the end. Nothing leaves it, so it never held more. */
  readonly stored: number
  readonly reasons: readonly string[]
}

/** Floods replicas without a worker. */
export async function fill (replicas: number, priorities: readonly number[], seconds: number): Promise<Filling> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const servers = await startReplicas(owner, replicas, { ...THRESHOLDS, REDIS_URL: redis.url })
    const { offered, reasons } = await flood({ ports: servers.map(portOf), priorities, seconds })
    const connection = new Redis(redis.path)
    const ledger = await connection.hgetall(new QueueKeys('spillway').ledger)
    connection.disconnect()
    const counts = Object.fromEntries(Object.entries(ledger).map(([field, count]) => [field, Number(count)]))
    return {
      offered,
      stored: sum(ledgerOf(counts).queue.enqueued),
      reasons: [...reasons].map(([reason, answers]) => `${reason}: ${answers}`)
    }
  })
}
