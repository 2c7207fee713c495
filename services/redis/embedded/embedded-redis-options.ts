import type { Logger } from 'pino'

export type EmbeddedRedisLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

export interface EmbeddedRedisOptions {
  /** Folder of the append-only file and the socket. Processes with the same directory share one Redis. */
  readonly dataDir: string
  /** `always`: an answered write is on disk. `everysec`: a crash of the machine may lose the last second. */
  readonly appendfsync: 'always' | 'everysec'
  /** Most bytes that Redis may hold; a share of the machine by default. Never less than it already holds. */
  readonly maxmemoryBytes?: number
  readonly log: EmbeddedRedisLog
  /** How long the server may take to flush and end before it is killed; 5 s by default. */
  readonly stopDeadlineMs?: number
}
