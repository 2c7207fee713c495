import type { LoadRequest } from '../../rig/load/request.ts'
import { eventText, eventTexts, VARIANTS, type EventShape } from './event.ts'

/** The paths for single events, and for arrays and streams; peers use the paths of Spillway. */
export const EVENT_PATH = '/api/v1/events'
export const BATCH_PATH = '/api/v1/events/batch'

/** Events in an array, unless a scenario sets another number. */
export const BATCH_EVENTS = 100

const JSON_TYPE = { 'content-type': 'application/json' }

/** Returns requests with one event each. */
export function singlePosts (shape?: EventShape, headers: Readonly<Record<string, string>> = {}): LoadRequest[] {
  return eventTexts(shape).map((body) => ({
    method: 'POST',
    path: EVENT_PATH,
    headers: { ...JSON_TYPE, ...headers },
    body
  }))
}

/** Returns so many requests with one event each, from organizations that take turns. */
export function organizationPosts (organizations: number, requests: number): LoadRequest[] {
  return Array.from({ length: requests }, (_, index) => {
    const body = eventText(index % VARIANTS, { organizationId: `organization-${index % organizations}` })
    return { method: 'POST', path: EVENT_PATH, headers: JSON_TYPE, body }
  })
}

/** Returns requests with a JSON array of events each. */
export function arrayPosts (events = BATCH_EVENTS): LoadRequest[] {
  const texts = eventTexts()
  return texts.map((_text, first) => {
    const body = `[${Array.from({ length: events }, (_, index) => texts[(first + index) % texts.length]).join(',')}]`
    return { method: 'POST', path: BATCH_PATH, headers: JSON_TYPE, body }
  })
}

/** Returns so many requests with a JSON array of events each, which all have ids of their own. */
export function identifiedPosts (requests: number, events = BATCH_EVENTS): LoadRequest[] {
  const texts = eventTexts()
  return Array.from({ length: requests }, (_, request) => {
    const withIds = Array.from({ length: events }, (_event, index) =>
      `{"id":"${request}-${index}",${(texts[index % texts.length] as string).slice(1)}`)
    return { method: 'POST', path: BATCH_PATH, headers: JSON_TYPE, body: `[${withIds.join(',')}]` }
  })
}

/** The path for a stream of lines, and its header. */
export const STREAM = { path: BATCH_PATH, headers: { 'content-type': 'application/x-ndjson' } }
