import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import type { Config } from '../config/schema.ts'
import { StartFault } from '../config/start-fault.ts'

/** Certificates of a connection with TLS. */
export interface RedisTls {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
}

/** A URL (redis://, rediss://, unix://) or the path of a unix socket; or a URL with certificates. */
export type RedisAddress = string | { readonly url: string, readonly tls: RedisTls }

export type RedisFiles = Pick<Config, 'REDIS_CA_FILE' | 'REDIS_CERT_FILE' | 'REDIS_KEY_FILE'>

/** @throws StartFault that names the key of a file that cannot be read, or of no use with the URL */
export function redisAddressOf (url: string, files: RedisFiles): RedisAddress {
  const ca = textOf('REDIS_CA_FILE', files)
  const cert = textOf('REDIS_CERT_FILE', files)
  const key = textOf('REDIS_KEY_FILE', files)
  if (ca === undefined && cert === undefined && key === undefined) return url
  if (!url.startsWith('rediss://')) throw invalid('REDIS_CA_FILE and REDIS_CERT_FILE need a REDIS_URL with rediss://')
  if ((cert === undefined) !== (key === undefined)) throw invalid('REDIS_CERT_FILE and REDIS_KEY_FILE need each other')
  return {
    url,
    tls: {
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key })
    }
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
