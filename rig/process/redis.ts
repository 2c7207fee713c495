import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { redisBinary } from '../redis.ts'
import { startChild, type Child } from './child.ts'

/** When Redis writes to the disk: after each write, before it answers; or once a second. */
export type Appendfsync = 'always' | 'everysec'

const POLL_MS = 10
const PATIENCE_MS = 10_000

/** A Redis of one measurement. */
export interface RedisProcess extends Child {
  /** Of its unix socket. */
  readonly path: string
  /** The same for REDIS_URL. */
  readonly url: string
  /** What the data takes, bytes. */
  readonly usedMemory: () => Promise<number>
}

/** Starts an empty Redis as it is run in production, with its files in `folder`. */
export async function startRedis (folder: string, appendfsync: Appendfsync, core: number | undefined): Promise<RedisProcess> {
  const path = join(folder, 'redis.sock')
  const child = startChild({
    command: redisBinary(),
    args: [
      '--port', '0', '--unixsocket', path, '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', appendfsync, '--maxmemory-policy', 'noeviction',
      // Whether a rewrite falls into a measured time would be chance.
      '--auto-aof-rewrite-percentage', '0'
    ],
    core,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const connection = new Redis({ path, lazyConnect: true, retryStrategy: () => POLL_MS, maxRetriesPerRequest: null })
  connection.on('error', () => {})
  const deadline = performance.now() + PATIENCE_MS
  while (await connection.ping().catch(() => undefined) !== 'PONG') {
    if (performance.now() > deadline) throw new Error(`redis-server did not answer in ${PATIENCE_MS} ms`)
    await wait(POLL_MS)
  }
  return {
    ...child,
    path,
    url: `unix://${path}`,
    usedMemory: async () => Number(/^used_memory:(\d+)/m.exec(await connection.info('memory'))?.[1]),
    stop: async () => {
      connection.disconnect()
      await child.stop()
    }
  }
}
