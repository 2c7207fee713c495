import { hash } from 'node:crypto'
import type { SpillwayEvent } from '../../clients/typescript/event.ts'
import { POSTED_FIELDS } from '../../services/event/fields.ts'
import { memberText } from '../../services/event/json-text.ts'
import { isRecord } from '../../services/event/record.ts'

/** The fields that a line gets when it does not name them. */
export interface LineDefaults {
  readonly type: string | undefined
  readonly priority: number | undefined
}

export type EventOfLine = { readonly ok: true, readonly event: SpillwayEvent, readonly payloadText: string | undefined } | { readonly ok: false, readonly message: string }

const FIELDS: ReadonlySet<string> = new Set(POSTED_FIELDS)

/**
 * Makes an event of the value of a line. An object with a `payload` and with nothing that an event does not have is an event; anything
 * else is a bare payload, which needs a type.
 *
 * @param text the line, in which the payload is sent as it is
 * @param id for an event that has none
 */
export function eventOfLine (value: unknown, text: string, { type, priority }: LineDefaults, id: string): EventOfLine {
  const event: Record<string, unknown> = isEvent(value) ? { ...value } : { payload: value }
  event.type ??= type
  event.priority ??= priority
  event.id ??= id
  if (event.type === undefined) return { ok: false, message: isEvent(value) ? 'no type, and no --type' : 'a bare payload needs --type' }
  // The service knows better than this command what else may be wrong with it.
  return {
    ok: true,
    event: event as unknown as SpillwayEvent,
    payloadText: isEvent(value) ? memberText(text, 'payload') : text.trim()
  }
}

/**
 * The id of a line, the same in every run: a run that was broken off can be repeated, and what was stored is not stored again. The text
 * is part of it, so that a line that was changed is a new event.
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
