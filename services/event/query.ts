import { parse } from 'node:querystring'
import { percentDecoded } from './well-formed.ts'

/** Any number: a parameter that is passed over could be the one that is wrong. */
const OPTIONS = { maxKeys: 0, decodeURIComponent: percentDecoded }

/**
 * Reads a query so that what is not UTF-8 in it shows as ill-formed text, instead of standing there as other text
 * would.
 */
export function parseQuery (text: string): Record<string, unknown> {
  return text === '' ? {} : parse(text, '&', '=', OPTIONS)
}
