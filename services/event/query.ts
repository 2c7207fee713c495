import { parse } from 'node:querystring'
import { percentDecoded } from './well-formed.ts'

/** No limit: an ignored parameter could be the wrong one. */
const OPTIONS = { maxKeys: 0, decodeURIComponent: percentDecoded }

/**
 * Parses a query. Bytes that are not UTF-8 become ill-formed text, which later checks refuse, instead of other
 * characters.
 */
export function parseQuery (text: string): Record<string, unknown> {
  return text === '' ? {} : parse(text, '&', '=', OPTIONS)
}
