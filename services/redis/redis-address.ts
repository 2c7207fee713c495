import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import type { Config } from '../config/schema.ts'
import { parseNodes, type Node } from '../config/redis-nodes.ts'
import { StartFault } from '../config/start-fault.ts'
import { slotOf } from './cluster/key-slot.ts'

/** Certificates of a connection with TLS. */
export interface RedisTls {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
}

/** Sentinels that know which server is the master. */
export interface Sentinels {
  readonly nodes: readonly Node[]
  /** The name by which they know it. */
  readonly name: string
  readonly password?: string
}

/** A slot of a Redis Cluster: a connection leads to the master that owns it. */
export interface ClusterSlot {
  /** Some nodes, which know the others. */
  readonly nodes: readonly Node[]
  readonly slot: number
}

/**
 * A URL (redis://, rediss://, unix://) or the path of a unix socket; or a URL with certificates, or with Sentinels or a
 * Cluster that know its host and port.
 */
export type RedisAddress = string | {
  readonly url: string
  readonly tls?: RedisTls
  readonly sentinels?: Sentinels
  readonly cluster?: ClusterSlot
}

export type RedisFiles = Pick<Config, 'REDIS_CA_FILE' | 'REDIS_CERT_FILE' | 'REDIS_KEY_FILE'>
type RedisKeys = RedisFiles &
  Partial<Pick<Config, 'REDIS_SENTINELS' | 'REDIS_SENTINEL_NAME' | 'REDIS_SENTINEL_PASSWORD' | 'REDIS_CLUSTER_NODES'>>

/**
 * @param key any key of a queue: on a Cluster the address leads to the master that has it
 * @throws StartFault that names the key of a file that cannot be read, or of no use with the URL
 */
export function redisAddressOf (url: string, keys: RedisKeys, key: string): RedisAddress {
  const tls = tlsOf(url, keys)
  const sentinels = sentinelsOf(keys)
  const nodes = keys.REDIS_CLUSTER_NODES === undefined ? undefined : parseNodes(keys.REDIS_CLUSTER_NODES) ?? []
  if (tls === undefined && sentinels === undefined && nodes === undefined) return url
  return addressOfKey({
    url,
    ...(tls !== undefined && { tls }),
    ...(sentinels !== undefined && { sentinels }),
    ...(nodes !== undefined && { cluster: { nodes, slot: 0 } })
  }, key)
}

/** Returns the address of the server that has this key: another master of the same Cluster, or the same server. */
export function addressOfKey (address: RedisAddress, key: string): RedisAddress {
  if (typeof address === 'string' || address.cluster === undefined) return address
  return { ...address, cluster: { ...address.cluster, slot: slotOf(key) } }
}

function sentinelsOf (
  { REDIS_SENTINELS, REDIS_SENTINEL_NAME = '', REDIS_SENTINEL_PASSWORD: password }: RedisKeys
): Sentinels | undefined {
  if (REDIS_SENTINELS === undefined) return undefined
  const nodes = parseNodes(REDIS_SENTINELS) ?? []
  return { nodes, name: REDIS_SENTINEL_NAME, ...(password !== undefined && { password }) }
}

function tlsOf (url: string, files: RedisFiles): RedisTls | undefined {
  const ca = textOf('REDIS_CA_FILE', files)
  const cert = textOf('REDIS_CERT_FILE', files)
  const key = textOf('REDIS_KEY_FILE', files)
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  if (!url.startsWith('rediss://')) throw invalid('REDIS_CA_FILE and REDIS_CERT_FILE need a REDIS_URL with rediss://')
  if ((cert === undefined) !== (key === undefined)) throw invalid('REDIS_CERT_FILE and REDIS_KEY_FILE need each other')
  return {
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key })
  }
}

function textOf (key: keyof RedisFiles, files: RedisFiles): string | undefined {
  const path = files[key]
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw invalid(`${key}: cannot read ${path}: ${(error as Error).message}; set it to a PEM file, or unset it`)
  }
}

function invalid (message: string): StartFault {
  return new StartFault('REDIS_FILE_INVALID', message)
}
