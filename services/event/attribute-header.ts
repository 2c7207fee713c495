import { percentDecoded } from './well-formed.ts'

/**
 * Reads an attribute of a CloudEvent from its header: quotes first, then one round of percent-encoding (HTTP binding,
 * section 3.1.3.2). Bytes that are not UTF-8 become ill-formed text.
 */
export function attributeText (header: string): string {
  return percentDecoded(isQuoted(header) ? header.slice(1, -1).replace(ESCAPED, '$1') : header)
}

/** A whole number in a header, as JSON writes it: no sign and no leading zeros. */
export const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/

/**
 * Recognizes a quoted-string of RFC 7230; a quote that is not closed, or closed before the end, is a plain character.
 */
function isQuoted (header: string): boolean {
  return header.charCodeAt(0) === QUOTE && QUOTED.test(header)
}

const QUOTE = 0x22
const QUOTED = /^"(?:[^"\\]|\\.)*"$/
const ESCAPED = /\\(.)/g
