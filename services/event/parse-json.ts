import { isUtf8 } from 'node:buffer'
import secureJson from 'secure-json-parse'

/** Parsing copes with far more, but writing JSON again takes a stack frame per level: what cannot be written cannot be stored. */
export const MAX_NESTING = 100

/** `text` is what was parsed: JSON by itself, and in the middle of other JSON. */
export type ParsedJson = { ok: true, value: unknown, text: string } | { ok: false, message: string }

/**
 * Parses JSON that came from outside. Refused are text that would not be stored as it came (bytes that are not UTF-8) or not
 * at all (nested too deep), and objects with a `__proto__` key, since whoever copies them would be changed by it.
 */
export function parseJson (text: string | Buffer): ParsedJson {
  if (typeof text !== 'string' && !isUtf8(text)) return { ok: false, message: 'not UTF-8' }
  const json = withoutMark(text.toString())
  try {
    const value: unknown = mayPoison(json) ? secureJson.parse(json, undefined, { protoAction: 'error', constructorAction: 'error' }) : JSON.parse(json)
    if (mayNestTooDeep(json) && isNestedDeeper(value, MAX_NESTING)) return { ok: false, message: `nested deeper than ${MAX_NESTING} levels` }
    return { ok: true, value, text: json }
  } catch (error) {
    return { ok: false, message: (error as Error).message }
  }
}

/** A byte-order mark before it is no part of the JSON: in the middle of a batch it would make all of it unreadable. */
function withoutMark (text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

/**
 * Text in which no key can be `__proto__` or `constructor`, written out or with escapes, needs no closer look. Three searches
 * cost a tenth of the two expressions that they spare.
 */
function mayPoison (json: string): boolean {
  return json.includes('__proto__') || json.includes('constructor') || json.includes('\\u')
}

/**
 * Text with few brackets cannot be nested deep. Going from one to the next costs far less than walking every value, and a
 * quarter of looking at every character.
 */
function mayNestTooDeep (json: string): boolean {
  let brackets = 0
  for (const opening of OPENINGS) {
    for (let at = json.indexOf(opening); at !== -1; at = json.indexOf(opening, at + 1)) {
      if (++brackets > MAX_NESTING) return true
    }
  }
  return false
}

function isNestedDeeper (value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1))
}

const OPENINGS = ['{', '['] as const
const BYTE_ORDER_MARK = 0xfeff
