/** Longest quotation of a producer's text in an answer or a log line. */
export const MOST_QUOTED_CHARACTERS = 256

/**
 * Cuts text of a producer to a length that an answer may quote. The result is a copy: in V8 a slice of a long string is
 * a view, which would keep a megabyte alive as long as an error quotes its first characters.
 */
export function quoted (text: string): string {
  if (text.length <= MOST_QUOTED_CHARACTERS) return text
  const start = text.slice(0, MOST_QUOTED_CHARACTERS - 1)
  // Half of a character at the end would turn into a replacement character.
  const whole = start.isWellFormed() ? start : start.slice(0, -1)
  return `${Buffer.from(whole, 'utf16le').toString('utf16le')}…`
}
