import type { Logger } from 'pino'

export type EmbeddedRedisLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

export interface EmbeddedRedisOptions {
  /** Folder of the append-only file and the socket. Processes with the same directory share one Redis. */
  readonly dataDir: string
  /** `always`: an answer means that it is on the disk. `everysec`: the last second may be lost with the machine. */
  readonly appendfsync: 'always' | 'everysec'
  /** Most bytes that Redis may hold; a share of the machine unless given. Never less than it holds already. */
  readonly maxmemoryBytes?: number
  readonly log: EmbeddedRedisLog
  /** How long the server may take to flush and end before it is killed; 5 s unless given. */
  readonly stopDeadlineMs?: number
}
