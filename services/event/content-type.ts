import type { RequestHeaders } from './request-headers.ts'

/** Media types that events come in besides application/json. */
export const CLOUD_EVENT_TYPE = 'application/cloudevents+json'
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'
export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const

/** Tells the media type of a request, whatever its case and parameters. */
export function hasMediaType (headers: RequestHeaders, mediaType: string): boolean {
  const [type = ''] = String(headers['content-type'] ?? '').split(';', 1)
  return type.trim().toLowerCase() === mediaType
}
