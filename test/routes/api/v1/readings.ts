/* Events that tests of batches post. */
export const NDJSON = { 'content-type': 'application/x-ndjson' }
export const event = (payload: unknown, priority?: number) =>
  ({ type: 'reading', payload, ...(priority !== undefined && { priority }) })
export const line = (payload: unknown, priority?: number) => JSON.stringify(event(payload, priority))

/** Limits that a test reaches with little. */
export const LOW_LIMITS = { BODY_LIMIT_BYTES: '1024', BATCH_BODY_LIMIT_BYTES: '16384', BATCH_BODY_MAX_EVENTS: '100' }

export const CLOUD_EVENTS = { 'content-type': 'application/cloudevents-batch+json' }

/** A CloudEvent whose payload is its id. */
export function cloudEvent (id: string): object {
  return { specversion: '1.0', id, source: '/machines/7', type: 'started', data: { id } }
}
