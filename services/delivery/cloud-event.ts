import type { CloudEventAttributes, QueuedEvent } from '../event/event.ts'
import { payloadTextOf } from '../event/event-json.ts'

/** Source of an event that was not posted as a CloudEvent and so names none. */
const DEFAULT_SOURCE = '/spillway'

/** CloudEvents 1.0 allows nothing else in the name of an attribute; `data_base64` must not stand beside `data`. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/

/** Attributes that Spillway speaks for: what a producer put under these names is not passed on, even where they are absent. */
const RESERVED = new Set(['specversion', 'id', 'type', 'source', 'time', 'datacontenttype', 'data', 'priority', 'organizationid', 'attempt'])

/** Attributes of the extension for distributed tracing: where the event has a trace, that is what they say. */
const TRACING = new Set(['traceparent', 'tracestate'])

/** Quotes a text once for all events of a batch that have it in common. */
function quoting (): (text: string) => string {
  let last = ''
  let quoted = '""'
  return (text) => {
    if (text !== last) {
      last = text
      quoted = JSON.stringify(text)
    }
    return quoted
  }
}

const quotedSource = quoting()
const quotedType = quoting()
const quotedTime = quoting()

/**
 * The event as a CloudEvent, its payload byte for byte as posted. Put together from texts: to write an object would
 * cost as much again.
 */
export function cloudEventJson (event: QueuedEvent): string {
  const { id, type, priority, organizationId, occurredAt, receivedAt, attributes, attempt = 1, trace } = event
  const source = attributes?.source
  const data = payloadTextOf(event)
  return `{"specversion":"1.0","id":${JSON.stringify(id)},"source":${quotedSource(typeof source === 'string' && source !== '' ? source : DEFAULT_SOURCE)}` +
    `,"type":${quotedType(type)},"time":${quotedTime(occurredAt ?? receivedAt)},"priority":${priority},"attempt":${attempt}` +
    (organizationId === undefined ? '' : `,"organizationid":${JSON.stringify(organizationId)}`) +
    (attributes === undefined ? '' : passedOn(attributes, trace !== undefined)) +
    (trace === undefined ? '' : `,${JSON.stringify(trace).slice(1, -1)}`) +
    (data === undefined ? '}' : `,"datacontenttype":"application/json","data":${data}}`)
}

/** The attributes that only the producer speaks for, as members. A name that may be one needs no escapes. */
function passedOn (attributes: CloudEventAttributes, isTraced: boolean): string {
  let members = ''
  for (const [name, value] of Object.entries(attributes)) {
    if (RESERVED.has(name) || (isTraced && TRACING.has(name)) || !ATTRIBUTE_NAME.test(name)) continue
    members += `,"${name}":${JSON.stringify(value)}`
  }
  return members
}
