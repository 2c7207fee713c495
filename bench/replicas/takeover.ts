import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { QueueKeys } from '../../services/queue/keys.ts'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import type { SpawnedServer } from '../../rig/spawned-server.ts'
import { THRESHOLDS } from './flood.ts'
import { startReplicas } from './start.ts'

const ROUNDS = 3
const POLL_MS = 5
const MOST_MS = 10_000
const KEYS = new QueueKeys('spillway')

export interface Takeovers {
  /** Milliseconds from the signal until another process has the lease. */
  readonly killed: readonly number[]
  readonly stopped: readonly number[]
}

/** Ends the process that reads the queue, and measures how long it takes until another one reads. */
export async function takeoversOf (replicas: number): Promise<Takeovers> {
  return { killed: await rounds(replicas, 'SIGKILL'), stopped: await rounds(replicas, 'SIGSTOP') }
}

async function rounds (replicas: number, signal: NodeJS.Signals): Promise<number[]> {
  const elapsed: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    elapsed.push(await withOwner(async (owner) => {
      const redis = await startRedis(owner)
      const servers = await startReplicas(owner, replicas, { ...THRESHOLDS, REDIS_URL: redis.url })
      const connection = new Redis(redis.path)
      const holder = async () => await connection.get(KEYS.settleLease)
      const last = await holder()
      // The first process has read before the others started, so it has the lease.
      const reader = servers[0] as SpawnedServer
      const at = performance.now()
      process.kill(reader.pid, signal)
      let now = last
      while ((now === null || now === last) && performance.now() - at < MOST_MS) {
        await wait(POLL_MS)
        now = await holder()
      }
      const tookMs = performance.now() - at
      if (signal === 'SIGSTOP') process.kill(reader.pid, 'SIGCONT')
      connection.disconnect()
      return tookMs
    }))
  }
  return elapsed
}
