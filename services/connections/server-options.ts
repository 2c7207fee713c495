/*
 * The bounds of a connection, each set on its own:
 *
 *   connect ──► head ──► body ──► answer ──► next head …
 *               10 s     silence  60 s       72 s
 *
 * A body has no total time here: an NDJSON stream may take hours, and ends when nothing moves on its socket for 72 s. Node
 * takes 0 of `requestTimeout` for "no head is ever late" unless `headersTimeout` is set beside it.
 */
import type { ServerOptions } from 'node:http'
import { IncomingRequest } from './incoming-request.ts'

/** A request whose head is not complete after this time is answered 408, and a connection without one is closed. */
const HEAD_TIMEOUT_MS = 10_000

/** How often Node looks for late heads: they are closed after HEAD_TIMEOUT_MS and this at the latest. */
const HEAD_CHECK_INTERVAL_MS = 1_000

/** A socket on which nothing moves for this long is closed, in the middle of a request and between two. */
export const IDLE_TIMEOUT_MS = 72_000

/**
 * Connections that the system completes in advance. Beyond Node's 511 a new client tries again after 1, 3 and 7 s,
 * which is what two thousand hostile clients do to a producer.
 */
export const BACKLOG = 4_096

export interface ConnectionBounds {
  /** Most connections at once; one beyond that is closed at once. */
  readonly mostConnections: number
  /** An answer that is complete has to be read within this time. */
  readonly answerMs: number
  /** A body has to end within this time after its request was answered. */
  readonly restOfBodyMs: number
  /** Requests of one connection that are worked on at once. */
  readonly mostBegun: number
  /** Requests of one connection that wait for those before them; the connection is closed after the last of them. */
  readonly mostWaiting: number
  /** The same over all connections; beyond it a connection is cut. */
  readonly mostWaitingInAll: number
  /** Bytes of the bodies of all these; beyond it a connection is cut. */
  readonly mostWaitingBytes: number
  /** Bytes of answers within a second to a connection that does not wait for them; then it is closed after the next one. */
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
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: 0,
  connectionsCheckingInterval: HEAD_CHECK_INTERVAL_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS
}
