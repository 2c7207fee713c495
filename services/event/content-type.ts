/** Media types that events come in besides application/json. */
export const CLOUD_EVENT_TYPE = 'application/cloudevents+json'
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'
export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const
