import type { QueuedEvent } from '../event/event.ts'

/** Source of an event that was not posted as a CloudEvent and so names none. */
export const DEFAULT_SOURCE = '/spillway'

/** CloudEvents 1.0 allows nothing else in the name of an attribute; `data_base64` must not stand beside `data`. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/

/** Attributes that Spillway speaks for: what a producer put under these names is not passed on, even where they are absent. */
const RESERVED = new Set(['specversion', 'id', 'type', 'source', 'time', 'datacontenttype', 'data', 'priority', 'organizationid', 'attempt'])

/** Attributes of the extension for distributed tracing: where the event has a trace, that is what they say. */
const TRACING = new Set(['traceparent', 'tracestate'])

export interface CloudEvent {
  specversion: '1.0'
  id: string
  source: string
  type: string
  time: string
  datacontenttype: 'application/json'
  priority: number
  organizationid?: string
  attempt: number
  data: unknown
  [attribute: string]: unknown
}

/** The event as the consumer gets it: a CloudEvent in the JSON format, with the payload exactly as posted. */
export function toCloudEvent ({ id, type, payload, priority, organizationId, occurredAt, receivedAt, attributes = {}, attempt = 1, trace }: QueuedEvent): CloudEvent {
  const { source } = attributes
  const passedOn = Object.entries(attributes).filter(([name]) => ATTRIBUTE_NAME.test(name) && !RESERVED.has(name) && (trace === undefined || !TRACING.has(name)))
  return {
    ...Object.fromEntries(passedOn),
    ...trace,
    specversion: '1.0',
    id,
    source: typeof source === 'string' && source !== '' ? source : DEFAULT_SOURCE,
    type,
    time: occurredAt ?? receivedAt,
    datacontenttype: 'application/json',
    priority,
    ...(organizationId !== undefined && { organizationid: organizationId }),
    attempt,
    data: payload
  }
}
