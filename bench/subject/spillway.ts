import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { QUEUE_NAME, QueueKeys } from '../../services/queue/keys.ts'
import { startNode } from '../../rig/process/child.ts'
import { ROOMY } from '../service.ts'
import { whenStarted } from './processes.ts'
import type { Environment, Subject } from './subject.ts'

const SERVER = join(import.meta.dirname, '../../server.ts')

/** The load generator looks into Redis for what waits. */
const NAMESPACE = 'bench'

/** How Spillway is set up for a case. */
export interface SpillwayShape {
  /**
   * Environment keys of the process that takes events, and of the worker, which finishes events at once unless they
   * give it a handler.
   */
  readonly keys?: Readonly<Record<string, string>>
  /** A worker in a process of its own. */
  readonly hasWorker?: boolean
}

/** Spillway with all its plugins, as the npm commands start it, and thresholds that nothing reaches unless `keys` sets others. */
export function spillway ({ keys = {}, hasWorker = false }: SpillwayShape = {}): Subject {
  return {
    needsRedis: true,
    hasWorker,
    queue: { prefix: new QueueKeys(NAMESPACE).root, queue: QUEUE_NAME },
    start: async (environment) => {
      const server = await startRole('api', keys, environment)
      return whenStarted(hasWorker ? { server, worker: await startRole('worker', keys, environment) } : { server })
    }
  }
}

async function startRole (role: 'api' | 'worker', keys: Readonly<Record<string, string>>, { folder, redis, core }: Environment) {
  const data = join(folder, role)
  await mkdir(data)
  return startNode(SERVER, {
    core,
    env: {
      PORT: '0',
      NAMESPACE,
      WORKER_PORT: '0',
      DATA_DIR: data,
      LOG_LEVEL: 'info',
      ROLE: role,
      WITHOUT_HANDLER: 'discard',
      ...(redis !== undefined && { REDIS_URL: redis.url }),
      ...ROOMY,
      ...keys
    }
  })
}
