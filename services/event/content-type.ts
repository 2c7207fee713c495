import type { RequestHeaders } from './request-headers.ts'

/** Media types that events come in besides application/json. */
export const CLOUD_EVENT_TYPE = 'application/cloudevents+json'
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'
export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const

/** What nearly all events come as; nothing in it has to be taken apart. */
const PLAIN_JSON = 'application/json'

/** Tells the media type of a request, whatever its case and parameters. */
export function hasMediaType (headers: RequestHeaders, mediaType: string): boolean {
  const header = headers['content-type']
  if (header === PLAIN_JSON) return mediaType === PLAIN_JSON
  const [type = ''] = String(header ?? '').split(';', 1)
  return type.trim().toLowerCase() === mediaType
}

/** The character set that a request names for its body; undefined when it names none. */
export function charsetOf (headers: RequestHeaders): string | undefined {
  const header = headers['content-type']
  if (header === PLAIN_JSON) return undefined
  return /;\s*charset="?([^";]+)/i.exec(String(header ?? ''))?.[1]
}
