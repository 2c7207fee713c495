import type { Config } from '../../services/config/schema.ts'
import type { UnknownKey } from '../../services/config/unknown-keys.ts'
import type { QueueStatus } from '../queue-status.ts'

/** All facts for the checks, gathered once. */
export interface Facts {
  readonly config: Config
  /** Keys of the environment that resemble keys of Spillway but are unknown. */
  readonly unknownKeys: readonly UnknownKey[]
  /** Keys with white space around their values, which the service removes. */
  readonly trimmedKeys: readonly string[]
  readonly machine: { readonly memoryBytes: number }
  readonly dataDir: DataDirFacts
  readonly redis: RedisFacts
  readonly service: ServiceFacts
}

export interface DataDirFacts {
  readonly path: string
  /** The existing part of the path; it determines the file system of the folder. */
  readonly existing: string
  readonly isWritable: boolean
  /** Whether other users may create files and links in it. */
  readonly isOpen: boolean
  readonly freeBytes: number
}

export type RedisFacts =
  | { readonly state: 'reached', readonly where: string, readonly isEmbedded: boolean } & RedisDetails
  /** Without REDIS_URL and a running embedded Redis: the service will start one. */
  | { readonly state: 'not-started', readonly hasBinary: boolean }
  | { readonly state: 'unreachable', readonly where: string, readonly reason: string }

export interface RedisDetails {
  /** Fields of INFO by name; undefined when INFO is forbidden. */
  readonly info: Readonly<Record<string, string>> | undefined
  /** Settings by name; undefined when CONFIG is forbidden, as with many hosted Redis services. */
  readonly settings: Readonly<Record<string, string>> | undefined
  /** The needed commands that this user may not run, with the answer of Redis to each. */
  readonly refused: readonly { readonly command: string, readonly neededFor: string, readonly error: string }[]
  /** The error with which Redis refused a write: READONLY, OOM, MISCONF. */
  readonly writeError: string | undefined
  readonly pingMs: readonly number[]
  /** Time by which the clock of Redis is ahead of this one. */
  readonly clockAheadMs: number
  /** Half of the duration of the request, which bounds the precision of the skew. */
  readonly clockPrecisionMs: number
}

export type ServiceFacts =
  | { readonly state: 'unreachable', readonly url: string, readonly reason: string }
  | {
      readonly state: 'reached'
      readonly url: string
      readonly queue: QueueStatus
      /** By side; empty if unknown. */
      readonly ledgerImbalance: Readonly<Record<string, number>>
      /** Undefined without a Date header. */
      readonly clockAheadMs: number | undefined
    }
