/*
 * Texts of producers, of consumers and of whoever answers at a URL, on their way to a terminal. A terminal obeys some
 * characters, and shows others in an order of their own: nothing of that reaches it.
 */

/** Characters that steer a terminal or reorder others: controls, formats, half pairs, separators, unassigned ones. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** The same, and the colours of our painters around text; those that hide text are none. */
const UNPRINTABLE_OR_COLOUR = new RegExp(`\\u001B\\[(?:1|2|22|31|32|33|36|39)m|${UNPRINTABLE.source}`, 'gu')

/** Code units of UTF-16. */
const LONGEST_CHARACTER = 2

/** One line of plain text. @param substitute what stands for each character that is taken out */
export function printable (text: string, substitute = ''): string {
  return text.replace(UNPRINTABLE, substitute)
}

/** Lines of text as they are printed: line breaks stay, and colours if there are any. */
export function printableLines (text: string, isColoured = false): string {
  const isKept = (found: string) => found === '\n' || (isColoured && found.length > LONGEST_CHARACTER)
  return text.replace(UNPRINTABLE_OR_COLOUR, (found) => isKept(found) ? found : '')
}

/** JSON that says the same, with escapes for what is not printable. Line breaks between its members stay. */
export function printableJson (json: string): string {
  return json.replace(UNPRINTABLE, (found) => found === '\n' ? found : escaped(found))
}

function escaped (character: string): string {
  return character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}
