/**
 * Characters that steer a terminal or change the order in which others are read: controls, formats such as those of
 * bidirectional text, halves of a pair, separators of lines and characters that nobody has given a meaning.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** Text of others as a terminal may show it: without what steers it, and cut where it is long. */
export function plainText (text: string, mostCharacters: number): string {
  // Cut first, so that a large payload is not looked through; a pair that is cut in two goes with the unprintable.
  const shown = text.slice(0, mostCharacters).replace(UNPRINTABLE, '')
  return text.length > mostCharacters ? `${shown}…` : shown
}
