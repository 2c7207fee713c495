/*
 * The bounds of a connection, each set on its own:
 *
 *   connect ──► head ──► body ──► answer ──► next head …
 *               10 s     silence  60 s       72 s
 *
 * A body has no total time here: an NDJSON stream may take hours, and ends after 72 s of silence on its socket. Node
 * reads `requestTimeout` 0 as "no head is ever late" unless `headersTimeout` is set, too.
 */
import type { ServerOptions } from 'node:http'
import type { ApiPort } from './api-port.ts'
import { IncomingRequest } from './incoming-request.ts'

/** A request whose head is not complete after this time is answered 408, and a connection without one is closed. */
const HEAD_TIMEOUT_MS = 10_000

/** How often Node looks for late heads: they are closed after HEAD_TIMEOUT_MS and this at the latest. */
const HEAD_CHECK_INTERVAL_MS = 1_000

/** A socket on which nothing moves for this long is closed, in the middle of a request and between two. */
export const IDLE_TIMEOUT_MS = 72_000

/**
 * Connections that the system completes in advance. Beyond this number a new client tries again after 1, 3 and 7 s; two
 * thousand hostile clients would exceed Node's default of 511 and delay producers.
 */
const BACKLOG = 4_096

/** How the servers of a process listen. */
export interface Listening {
  readonly backlog: number
  /** Whether other processes may listen on the same ports, among which the kernel deals the connections out. */
  readonly reusePort: boolean
}

export function listening (sharesPorts = false): Listening {
  return { backlog: BACKLOG, reusePort: sharesPorts }
}

export interface ConnectionBounds {
  /** Most open connections of each port; further ones are closed immediately. */
  readonly mostConnections: Readonly<Record<ApiPort, number>>
  /** The client has to read a complete answer within this time. */
  readonly answerMs: number
  /** A body has to end within this time after its request was answered. */
  readonly restOfBodyMs: number
  /** Requests of one connection that are in progress at once. */
  readonly mostBegun: number
  /** Requests of one connection that wait for earlier ones; the connection is closed after the last of them. */
  readonly mostWaiting: number
  /** The same over all connections; beyond it a connection is cut. */
  readonly mostWaitingInAll: number
  /** Bytes of the bodies of all these; beyond it a connection is cut. */
  readonly mostWaitingBytes: number
  /** Bytes of answers within a second to a connection that pipelines; beyond it, it is closed after the next answer. */
  readonly mostBurstBytes: number
}

export const BOUNDS: Omit<ConnectionBounds, 'mostConnections'> = {
  answerMs: 60_000,
  restOfBodyMs: 30_000,
  mostBegun: 16,
  mostWaiting: 100,
  mostWaitingInAll: 4_096,
  mostWaitingBytes: 33_554_432,
  mostBurstBytes: 4_194_304
}

/** The options that Node's HTTP server is made with. */
export const SERVER_OPTIONS: ServerOptions<typeof IncomingRequest> = {
  IncomingMessage: IncomingRequest,
  // Node would answer without a problem document; requestFault refuses these requests.
  requireHostHeader: false,
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: 0,
  connectionsCheckingInterval: HEAD_CHECK_INTERVAL_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS
}
