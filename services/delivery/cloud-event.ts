import type { CloudEventAttributes, QueuedEvent } from '../event/event.ts'
import { payloadTextOf } from '../event/event-json.ts'
import { withMember } from '../event/json-text.ts'

/** Source of an event that was not posted as a CloudEvent and so names none. */
export const DEFAULT_SOURCE = '/spillway'

/** CloudEvents 1.0 allows nothing else in the name of an attribute; `data_base64` must not stand beside `data`. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/

/** Attributes that Spillway speaks for: what a producer put under these names is not passed on, even where they are absent. */
const RESERVED = new Set(['specversion', 'id', 'type', 'source', 'time', 'datacontenttype', 'data', 'priority', 'organizationid', 'attempt'])

/** Attributes of the extension for distributed tracing: where the event has a trace, that is what they say. */
const TRACING = new Set(['traceparent', 'tracestate'])

/**
 * The event as the consumer gets it: a CloudEvent in the JSON format, with the payload byte for byte as it was posted. One without a
 * payload has no data.
 */
export function cloudEventJson (event: QueuedEvent): string {
  const { id, type, priority, organizationId, occurredAt, receivedAt, attributes, attempt = 1, trace } = event
  const source = attributes?.source
  const data = payloadTextOf(event)
  return withMember(JSON.stringify({
    ...attributes && passedOn(attributes, trace !== undefined),
    ...trace,
    specversion: '1.0',
    id,
    source: typeof source === 'string' && source !== '' ? source : DEFAULT_SOURCE,
    type,
    time: occurredAt ?? receivedAt,
    datacontenttype: data === undefined ? undefined : 'application/json',
    priority,
    organizationid: organizationId,
    attempt
  }), 'data', data)
}

function passedOn (attributes: CloudEventAttributes, isTraced: boolean): CloudEventAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => ATTRIBUTE_NAME.test(name) && !RESERVED.has(name) && !(isTraced && TRACING.has(name))))
}
