/*
 * Makes texts of producers, consumers and foreign servers safe for a terminal: removes characters that control a
 * terminal or reorder others.
 */

/**
 * Characters that control a terminal or reorder others: controls, formats, lone surrogates, separators, unassigned
 * ones.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** The same, except the colour sequences of Spillway's own output, none of which hides text. */
const UNPRINTABLE_OR_COLOUR = new RegExp(`\\u001B\\[(?:1|2|22|31|32|33|36|39)m|${UNPRINTABLE.source}`, 'gu')

/** Code units of UTF-16. */
const LONGEST_CHARACTER = 2

/** One line of plain text. @param substitute replaces each removed character */
export function printable (text: string, substitute = ''): string {
  return text.replace(UNPRINTABLE, substitute)
}

/** Returns lines of text for printing: keeps line breaks, and colours if `isColoured`. */
export function printableLines (text: string, isColoured = false): string {
  const isKept = (found: string) => found === '\n' || (isColoured && found.length > LONGEST_CHARACTER)
  return text.replace(UNPRINTABLE_OR_COLOUR, (found) => isKept(found) ? found : '')
}

/** Returns equivalent JSON with escapes for unprintable characters. Keeps line breaks between members. */
export function printableJson (json: string): string {
  return json.replace(UNPRINTABLE, (found) => found === '\n' ? found : escaped(found))
}

function escaped (character: string): string {
  return character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}
