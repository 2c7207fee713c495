import type { Config } from '../../services/config/schema.ts'
import type { UnknownKey } from '../../services/config/unknown-keys.ts'
import type { ShardRecord } from '../../services/queue/shard-map.ts'
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
  /** Undefined without API_KEYS_FILE. */
  readonly keyFile: KeyFileFacts | undefined
  readonly secretFiles: readonly SecretFile[]
  readonly outbound: TargetFacts
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

/** The content of API_KEYS_FILE, or why it cannot be used. */
export type KeyFileFacts =
  | { readonly path: string, readonly keys: number, readonly problem?: never }
  | { readonly path: string, readonly problem: string, readonly keys?: never }

/** A file with a secret that there is. */
export interface SecretFile {
  /** The key of the environment that names it. */
  readonly key: string
  readonly path: string
  /** Whether every user of the machine can read it. */
  readonly isReadable: boolean
  /** Whether another user can change it. */
  readonly isWritable: boolean
}

export interface TargetFacts {
  /** Why the service may connect to none of them; undefined if all is well. */
  readonly problem: string | undefined
  readonly targets: readonly Target[]
  /** Undefined without RULES_FILE. */
  readonly rulesFile: RulesFileFacts | undefined
}

export interface RulesFileFacts {
  readonly path: string
  readonly problems: readonly string[]
}

/** An address that the service is going to connect to. */
export type Target = { readonly key: 'DELIVERY_URL' | 'JWT_JWKS_URL' | 'RULES_FILE', readonly host: string } & (
  | { readonly state: 'allowed' }
  /** The URL itself is wrong or not allowed; its name resolves to no allowed address; its name cannot be resolved. */
  | { readonly state: 'invalid' | 'refused' | 'unknown', readonly problem: string }
)

export type RedisFacts =
  | { readonly state: 'reached', readonly where: string, readonly isEmbedded: boolean } & RedisDetails
  /** Without REDIS_URL and a running embedded Redis: the service will start one. */
  | { readonly state: 'not-started', readonly hasBinary: boolean }
  | { readonly state: 'unreachable', readonly where: string, readonly reason: string }
  /** The service cannot start: a file of a certificate is missing, for example. */
  | { readonly state: 'unusable', readonly reason: string }

export interface RedisDetails {
  /** Fields of INFO by name; undefined when INFO is forbidden. */
  readonly info: Readonly<Record<string, string>> | undefined
  /** Settings by name; undefined when CONFIG is forbidden, as with many hosted Redis services. */
  readonly settings: Readonly<Record<string, string>> | undefined
  /** The needed commands that this user may not run, as in NEEDED_COMMANDS, with the answer of Redis to each. */
  readonly refused: readonly { readonly command: string, readonly error: string }[]
  /** The number of API keys in Redis; undefined if they cannot be read. */
  readonly keysInRedis: number | undefined
  /** The shards of the queue; undefined without a record of them, as with a single one. */
  readonly shards?: ShardRecord | undefined
  /** The error with which Redis refused a write: READONLY, OOM, MISCONF. */
  readonly writeError: string | undefined
  readonly pingMs: readonly number[]
  /** Time by which the clock of Redis is ahead of this one. */
  readonly clockAheadMs: number
  /** Half of the duration of the request, which bounds the precision of the skew. */
  readonly clockPrecisionMs: number
  /** Undefined without REDIS_CLUSTER_NODES. */
  readonly cluster: ClusterFacts | undefined
}

export interface ClusterFacts {
  /** As in CLUSTER INFO: ok or fail. */
  readonly state: string
  /** Masters with slots, and their replicas. */
  readonly masters: number
  readonly replicas: number
  /** The slot of the queue, and its master. */
  readonly slot: number
  readonly owner: string
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
