import type { SpillwayEvent } from './event.ts'

/** Returns the event as JSON, with the given text as its payload; undefined if JSON cannot represent it. */
export function textOf (event: SpillwayEvent, payloadText: string | undefined): string | undefined {
  try {
    if (payloadText === undefined) return event.payload === undefined ? undefined : JSON.stringify(event)
    // One text that is not JSON would make the service refuse the whole request.
    JSON.parse(payloadText)
    return `${JSON.stringify({ ...event, payload: undefined }).slice(0, -1)},"payload":${payloadText}}`
  } catch {
    return undefined
  }
}
