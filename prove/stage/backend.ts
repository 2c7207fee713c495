import { join } from 'node:path'
import { freePorts } from '../../rig/free-port.ts'
import type { Appendfsync } from '../../rig/redis.ts'
import { openProxy, type TcpProxy } from '../../rig/tcp-proxy.ts'
import type { REDIS } from '../options.ts'
import { EmbeddedRedis } from './embedded-redis.ts'
import { Redis } from './redis.ts'
import { SentinelRedis, SENTINELS, SERVERS } from './sentinel-redis.ts'

const APIS = 2

export interface BackendOptions {
  readonly appendfsync: Appendfsync
  readonly redis: typeof REDIS[number]
  /** The PATH of this process. */
  readonly path: string
}

/** The connection to Redis. */
interface Way extends Omit<TcpProxy, 'port'> {
  /** Why there is no proxy to disturb; undefined if there is one. */
  readonly obstacle: string | undefined
}

/** Redis as the stage uses it. */
export interface Backend {
  readonly redis: Redis
  readonly way: Way
  /** How Spillway reaches it. */
  readonly env: Readonly<Record<string, string>>
  /** The data directory of all processes, if they share one. */
  readonly sharedFolder?: string
  readonly apis: number
}

/** Prepares the Redis of a run in a folder, without starting it. */
export async function openBackend (
  { redis: kind, appendfsync, path }: BackendOptions, folder: string
): Promise<Backend> {
  if (kind === 'sentinel') {
    const redis = await SentinelRedis.open({ folder, appendfsync, path, ports: await freePorts(SERVERS + SENTINELS) })
    return { redis, way: { ...redis.way, obstacle: undefined }, env: redis.env, apis: APIS }
  }
  const isEmbedded = kind === 'embedded'
  const data = join(folder, 'data')
  const redis = isEmbedded
    ? new EmbeddedRedis({ folder: data, appendfsync, path })
    : new Redis({ folder, appendfsync, path })
  const proxy = await openProxy(redis.socket)
  // Processes that share an embedded Redis also share the data directory and its spool, so there is only one API.
  return isEmbedded
    ? {
        redis, way: { ...proxy, obstacle: 'the embedded Redis is reached by its socket' },
        env: { REDIS_APPENDFSYNC: appendfsync }, sharedFolder: data, apis: 1
      }
    : { redis, way: { ...proxy, obstacle: undefined }, env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` }, apis: APIS }
}
