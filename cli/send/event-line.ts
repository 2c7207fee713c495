import { hash } from 'node:crypto'
import type { SpillwayEvent } from '../../clients/typescript/event.ts'
import { POSTED_FIELDS } from '../../services/event/fields.ts'
import { memberText } from '../../services/event/json-text.ts'
import { isRecord } from '../../services/event/record.ts'

/** Defaults of fields that a line does not name. */
export interface LineDefaults {
  readonly type: string | undefined
  readonly priority: number | undefined
  readonly expiresAt?: string | undefined
}

export type EventOfLine =
  | { readonly ok: true, readonly event: SpillwayEvent, readonly payloadText: string | undefined }
  | { readonly ok: false, readonly message: string }

const FIELDS: ReadonlySet<string> = new Set(POSTED_FIELDS)

/**
 * Makes an event from the value of a line. An object with a `payload` and only members of an event is an event;
 * anything else is a bare payload, which needs a type.
 *
 * @param text the line; its payload is sent unchanged
 * @param id for an event that has none
 */
export function eventOfLine (
  value: unknown, text: string, { type, priority, expiresAt }: LineDefaults, id: string
): EventOfLine {
  const event: Record<string, unknown> = isEvent(value) ? { ...value } : { payload: value }
  event.type ??= type
  event.priority ??= priority
  if (expiresAt !== undefined) event.expiresAt ??= expiresAt
  event.id ??= id
  if (event.type === undefined)
    return {
      ok: false,
      message: isEvent(value) ? 'the line has no type; add one, or use --type' : 'a bare payload needs --type'
    }
  // The service checks the rest.
  return {
    ok: true,
    event: event as unknown as SpillwayEvent,
    payloadText: isEvent(value) ? memberText(text, 'payload') : text.trim()
  }
}

/**
 * Returns the id of a line, the same in every run: an interrupted run can be repeated without storing events twice. It
 * includes the text, so a changed line is a new event.
 *
 * @param key names the input, such as the path of its file
 * @param line counted from 1
 */
export function lineId (key: string, line: number, text: string): string {
  return hash('sha256', `${key.length}:${key}${line}:${text}`, 'base64url').slice(0, 22)
}

function isEvent (value: unknown): value is Record<string, unknown> {
  return isRecord(value) && 'payload' in value && Object.keys(value).every((name) => FIELDS.has(name))
}
