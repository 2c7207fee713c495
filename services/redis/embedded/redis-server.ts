/** How long a server may take to flush and end before it is killed, unless the options say otherwise. */
export const STOP_DEADLINE_MS = 5_000

/** A Redis server that this process uses, whoever started it. */
export interface RedisServer {
  readonly pid: number
  /** Resolves, and never rejects, when the server is no longer there or no longer what it was to us. */
  readonly ended: Promise<ServerEnd>
  /** Ends the server where that is ours to do. */
  stop: () => Promise<void>
}

export type ServerEnd =
  /** Our child ended. */
  | { readonly kind: 'exited', readonly code: number | null, readonly signal: NodeJS.Signals | null, readonly lastLines: string }
  /** A server that is not our child closed its connections, as it does when it ends. */
  | { readonly kind: 'gone' }
  /** The process that owned the server has died and left it running; its lock is ours now. */
  | { readonly kind: 'orphaned' }
