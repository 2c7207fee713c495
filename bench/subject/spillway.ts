import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { QUEUE_NAME, QueueKeys } from '../../services/queue/keys.ts'
import { startNode } from '../../rig/process/child.ts'
import { ROOMY } from '../service.ts'
import { whenStarted } from './processes.ts'
import type { Environment, Subject } from './subject.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The load generator reads the number of waiting events from Redis. */
const NAMESPACE = 'bench'

/** The setup of Spillway for a case. */
export interface SpillwayShape {
  /**
   * Environment keys of the API and of the worker, which discards events unless the keys configure a handler.
   */
  readonly keys?: Readonly<Record<string, string>>
  /** Whether there is a worker in a separate process. */
  readonly hasWorker?: boolean
  /** The folder of the source, for another revision; this one by default. */
  readonly root?: string
}

/**
 * Spillway with all its plugins, as the npm commands start it, with unreachable thresholds unless `keys` sets others.
 */
export function spillway ({ keys = {}, hasWorker = false, root = ROOT }: SpillwayShape = {}): Subject {
  return {
    needsRedis: true,
    hasWorker,
    queue: { prefix: new QueueKeys(NAMESPACE).root, queue: QUEUE_NAME },
    start: async (environment) => {
      const server = await startRole('api', root, keys, environment)
      return whenStarted(hasWorker ? { server, worker: await startRole('worker', root, keys, environment) } : { server })
    }
  }
}

async function startRole (
  role: 'api' | 'worker',
  root: string,
  keys: Readonly<Record<string, string>>,
  { folder, redis, core }: Environment
) {
  const data = join(folder, role)
  await mkdir(data)
  return startNode(join(root, 'server.ts'), {
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
