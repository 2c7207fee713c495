import { isUtf8 } from 'node:buffer'
import { exceededLimit } from './json-limits.ts'
import { isPoisoned } from './poisoned.ts'

/** `text` is the parsed text without a mark; `isLimit` tells JSON beyond a limit from invalid JSON. */
export type ParsedJson = { ok: true, value: unknown, text: string } | { ok: false, message: string, isLimit: boolean }

/**
 * Parses JSON from outside. Refuses bytes that are not UTF-8, JSON beyond the limits, and members that would change the
 * prototype of a copy.
 */
export function parseJson (text: string | Buffer): ParsedJson {
  if (typeof text !== 'string' && !isUtf8(text)) return { ok: false, message: 'not UTF-8', isLimit: false }
  const json = withoutMark(text.toString())
  const limit = exceededLimit(json)
  if (limit !== undefined) return { ok: false, message: limit, isLimit: true }
  try {
    const value: unknown = JSON.parse(json)
    if (mayPoison(json) && isPoisoned(json)) return POISONED
    return { ok: true, value, text: json }
  } catch (error) {
    return { ok: false, message: (error as Error).message, isLimit: false }
  }
}

/**
 * Removes a byte-order mark, which is not part of the JSON: within a stored batch it would make the whole batch
 * unreadable.
 */
function withoutMark (text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

/** Without these texts no key can be `__proto__` or `constructor`, escaped or not. */
function mayPoison (json: string): boolean {
  return json.includes('__proto__') || json.includes('constructor') || json.includes('\\u')
}

const POISONED: ParsedJson = { ok: false, message: 'Object contains forbidden prototype property', isLimit: false }

const BYTE_ORDER_MARK = 0xfeff
