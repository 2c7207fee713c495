/*
 * The handshake of "HTTP 1.1 Web Hooks for Event Delivery" (CloudEvents, http-webhook 1.0.2, section 4): before a
 * sender delivers events to an address that somebody has registered, it asks by OPTIONS whether the address wants them.
 * Only the headers of the answer express consent; its status does not matter.
 */
import type { RequestHeaders } from '../event/request-headers.ts'

/** The senders that may deliver, and their rate. */
export interface WebHookTerms {
  /** DNS names in lower case; `*` stands for all. */
  readonly origins: ReadonlySet<string>
  /** 0 grants any rate. */
  readonly requestsPerMinute: number
}

export type HandshakeAnswer =
  | { readonly kind: 'granted', readonly headers: Readonly<Record<string, string>> }
  /** An OPTIONS request that is no handshake. */
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'refused' }

const EVERYBODY = '*'

/** Reads WEBHOOK_ALLOWED_ORIGINS, which is checked before. */
export function parseOrigins (text: string): ReadonlySet<string> {
  return new Set(text.split(',').map((origin) => origin.trim().toLowerCase()))
}

/** Answers a handshake at once: a callback, which the sender may offer, would make this service call any address. */
export function answerHandshake (
  headers: RequestHeaders, { origins, requestsPerMinute }: WebHookTerms
): HandshakeAnswer {
  const origin = headers['webhook-request-origin']
  if (typeof origin !== 'string' || origin === '') return { kind: 'not-asked' }
  const isForAll = origins.has(EVERYBODY)
  if (!isForAll && !origins.has(origin.toLowerCase())) return { kind: 'refused' }
  return {
    kind: 'granted',
    headers: {
      'webhook-allowed-origin': isForAll ? EVERYBODY : origin,
      'webhook-allowed-rate': requestsPerMinute === 0 ? EVERYBODY : String(requestsPerMinute)
    }
  }
}
