import { memberText } from '../../services/event/json-text.ts'
import type { LatestEvent } from '../../services/receipt/latest-event.ts'
import { AnswerError, type ServiceApi } from '../service-api.ts'

export interface LatestList {
  /** Newest first. */
  readonly events: readonly LatestEvent[]
  /** Events that the process has accepted since it started. */
  readonly accepted: number
  /** Name of the process that answered. */
  readonly process: string
}

const MOST_LISTED = 100
const NOT_FOUND = 404

/** Gets the latest events of the process, of one type if it is named. */
export function readLatest (service: ServiceApi, type: string | undefined): Promise<LatestList> {
  const query = new URLSearchParams({ limit: String(MOST_LISTED), ...(type !== undefined && { type }) })
  return service.ask('GET', `api/v1/events?${query}`)
}

/** Gets the payload of an event as the posted text; undefined if the process does not have it. */
export async function readPayload (
  service: ServiceApi,
  { id, organizationId, source }: LatestEvent
): Promise<string | undefined> {
  const query = new URLSearchParams({
    ...(organizationId !== undefined && { organizationId }), ...(source !== undefined && { source })
  })
  const path = `api/v1/events/${encodeURIComponent(id)}/payload?${query}`
  const { status, text } = await service.fetch('GET', path)
  if (status === NOT_FOUND) return undefined
  if (status >= 400) throw new AnswerError(status, `GET /${path}: ${status}`)
  return memberText(text, 'payload') ?? ''
}
