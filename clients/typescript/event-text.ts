import type { SpillwayEvent } from './event.ts'

/** The event as JSON, with its payload in the text that is given for it; undefined if it is nothing that JSON has. */
export function textOf (event: SpillwayEvent, payloadText: string | undefined): string | undefined {
  try {
    if (payloadText === undefined) return event.payload === undefined ? undefined : JSON.stringify(event)
    // One text that is no JSON would spoil the request for all the others.
    JSON.parse(payloadText)
    return `${JSON.stringify({ ...event, payload: undefined }).slice(0, -1)},"payload":${payloadText}}`
  } catch {
    return undefined
  }
}
