import { quoted } from '../event/quoted.ts'
import type { RequestHeaders } from '../event/request-headers.ts'

/** Media types of events besides application/json. */
export const CLOUD_EVENT_TYPE = 'application/cloudevents+json'
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'
export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const

/** The media type of nearly all events, which needs no parsing. */
const PLAIN_JSON = 'application/json'

/** Character sets whose texts are valid UTF-8; `utf8` is not a registered name, but many clients send it. */
const UTF8_CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

/** Returns the media type of a request in lower case, without parameters; empty if there is none. */
export function mediaTypeOf (headers: RequestHeaders): string {
  const header = headers['content-type']
  if (header === PLAIN_JSON) return PLAIN_JSON
  const [type = ''] = String(header ?? '').split(';', 1)
  return type.trim().toLowerCase()
}

/** Returns the character set of a body if it is named and not compatible with UTF-8, else undefined. */
export function foreignCharset (headers: RequestHeaders): string | undefined {
  const header = headers['content-type']
  if (header === PLAIN_JSON) return undefined
  const charset = /;\s*charset="?([^";]+)/i.exec(String(header ?? ''))?.[1]?.trim()
  return charset === undefined || UTF8_CHARSETS.has(charset.toLowerCase()) ? undefined : quoted(charset)
}

/** Says that a media type is not supported, and to send the first of `accepted` instead. */
export function unsupportedType (contentType: string | undefined, accepted: readonly string[]): string {
  const usual = `Content-Type: ${accepted[0]}`
  const others = accepted.length === 1 ? '' : `. Accepted are ${accepted.join(', ')}`
  if (contentType === undefined || contentType.trim() === '') {
    return `The request has no Content-Type; add the header "${usual}" (curl: -H '${usual}')${others}`
  }
  const given = `Content-Type ${quoted(contentType)} is not supported`
  // `curl -d` sends this type by default.
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return `${given}; curl -d sends it by default: add -H '${usual}'${others}`
  }
  return `${given}; send the header "${usual}"${others}`
}
