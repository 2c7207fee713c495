import type { Config } from '../../services/config/schema.ts'
import type { UnknownKey } from '../../services/config/unknown-keys.ts'
import type { QueueStatus } from '../queue-status.ts'

/** Everything that the checks look at, gathered once; none of them looks further. */
export interface Facts {
  readonly config: Config
  /** Keys of the environment that look like those of Spillway and are none. */
  readonly unknownKeys: readonly UnknownKey[]
  /** Keys whose values have white space around them that the service removes. */
  readonly trimmedKeys: readonly string[]
  readonly machine: { readonly memoryBytes: number }
  readonly dataDir: DataDirFacts
  readonly redis: RedisFacts
  readonly service: ServiceFacts
}

export interface DataDirFacts {
  readonly path: string
  /** The part of the path that exists already; it decides the file system of the folder. */
  readonly existing: string
  readonly isWritable: boolean
  /** Other users may put files and links into it. */
  readonly isOpen: boolean
  readonly freeBytes: number
}

export type RedisFacts =
  | { readonly state: 'reached', readonly where: string, readonly isEmbedded: boolean } & RedisDetails
  /** No REDIS_URL, and no embedded Redis runs: the service will start one. */
  | { readonly state: 'not-started', readonly hasBinary: boolean }
  | { readonly state: 'unreachable', readonly where: string, readonly reason: string }

export interface RedisDetails {
  /** Fields of INFO by name; undefined when INFO is forbidden. */
  readonly info: Readonly<Record<string, string>> | undefined
  /** Settings by name; undefined when CONFIG is forbidden, as it is with many hosted ones. */
  readonly settings: Readonly<Record<string, string>> | undefined
  /** The commands that this user needs and must not run, with the answer of Redis to each. */
  readonly refused: readonly { readonly command: string, readonly neededFor: string, readonly error: string }[]
  /** The error in answer to a write, when it was refused: READONLY, OOM, MISCONF. */
  readonly writeError: string | undefined
  readonly pingMs: readonly number[]
  /** How far the clock of Redis is ahead of this one. */
  readonly clockAheadMs: number
  /** Half of the time that asking took: the clocks are not known better than this. */
  readonly clockPrecisionMs: number
}

export type ServiceFacts =
  | { readonly state: 'unreachable', readonly url: string, readonly reason: string }
  | {
      readonly state: 'reached'
      readonly url: string
      readonly queue: QueueStatus
      /** By side; empty when it is not known. */
      readonly ledgerImbalance: Readonly<Record<string, number>>
      /** Undefined without a Date header. */
      readonly clockAheadMs: number | undefined
    }
