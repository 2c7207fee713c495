import { join } from 'node:path'
import { startNode } from '../../rig/process/child.ts'
import { whenStarted } from './processes.ts'
import type { Subject } from './subject.ts'

const PEERS = join(import.meta.dirname, '../peers')

/** The setup of a peer for a case. */
export interface PeerShape {
  /** Whether the peer stores nothing and gets no Redis. */
  readonly storesNothing?: boolean
  /** Name of the file of its worker. */
  readonly worker?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A program of bench/peers/, by the name of its file. */
export function peer (name: string, { storesNothing = false, worker, env = {} }: PeerShape = {}): Subject {
  return {
    needsRedis: !storesNothing,
    hasWorker: worker !== undefined,
    // The default prefix of BullMQ, and the queue name of bench/peers/.
    queue: storesNothing ? undefined : { prefix: 'bull', queue: 'events' },
    start: async ({ redis, core }) => {
      const start = (file: string) =>
        startNode(join(PEERS, `${file}.ts`), {
          core,
          env: { ...(redis !== undefined && { REDIS_PATH: redis.path }), ...env }
        })
      const server = start(name)
      return whenStarted(worker === undefined ? { server } : { server, worker: start(worker) })
    }
  }
}
