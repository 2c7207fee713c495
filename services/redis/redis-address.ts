import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import type { Config } from '../config/schema.ts'
import { parseSentinels, type Node } from '../config/sentinels.ts'
import { StartFault } from '../config/start-fault.ts'

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

/**
 * A URL (redis://, rediss://, unix://) or the path of a unix socket; or a URL with certificates, or with Sentinels that
 * know its host and port.
 */
export type RedisAddress = string | { readonly url: string, readonly tls?: RedisTls, readonly sentinels?: Sentinels }

export type RedisFiles = Pick<Config, 'REDIS_CA_FILE' | 'REDIS_CERT_FILE' | 'REDIS_KEY_FILE'>
type RedisKeys = RedisFiles &
  Partial<Pick<Config, 'REDIS_SENTINELS' | 'REDIS_SENTINEL_NAME' | 'REDIS_SENTINEL_PASSWORD'>>

/** @throws StartFault that names the key of a file that cannot be read, or of no use with the URL */
export function redisAddressOf (url: string, keys: RedisKeys): RedisAddress {
  const tls = tlsOf(url, keys)
  const sentinels = sentinelsOf(keys)
  if (tls === undefined && sentinels === undefined) return url
  return { url, ...(tls !== undefined && { tls }), ...(sentinels !== undefined && { sentinels }) }
}

function sentinelsOf (
  { REDIS_SENTINELS, REDIS_SENTINEL_NAME = '', REDIS_SENTINEL_PASSWORD: password }: RedisKeys
): Sentinels | undefined {
  if (REDIS_SENTINELS === undefined) return undefined
  const nodes = parseSentinels(REDIS_SENTINELS) ?? []
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
