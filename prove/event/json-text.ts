/*
 * Splits JSON without parsing its values, so that a payload can be compared with the posted text character by
 * character. The text has to be valid JSON.
 */

/** Returns the texts of the elements of an array. */
export function elementsOf (text: string): string[] {
  return partsOf(text, '[')
}

/** Returns the texts of the members of an object by name; all texts if a name occurs twice. */
export function membersOf (text: string): Map<string, string[]> {
  const members = new Map<string, string[]>()
  for (const part of partsOf(text, '{')) {
    const end = endOfString(part, 0)
    const name = JSON.parse(part.slice(0, end)) as string
    const value = part.slice(part.indexOf(':', end) + 1).trim()
    members.set(name, [...members.get(name) ?? [], value])
  }
  return members
}

/** Returns the texts between the commas of the outermost level. */
function partsOf (text: string, opening: '[' | '{'): string[] {
  const whole = text.trim()
  if (whole[0] !== opening) throw new SyntaxError(`expected ${opening}, got ${whole.slice(0, 20)}`)
  const parts: string[] = []
  let depth = 0
  let start = 1
  for (let at = 0; at < whole.length; at++) {
    const character = whole[at]
    if (character === '"') at = endOfString(whole, at) - 1
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if ((character === ',' && depth === 1) || depth === 0) {
      const part = whole.slice(start, at).trim()
      if (part !== '' || parts.length > 0) parts.push(part)
      start = at + 1
    }
  }
  return parts
}

/** Returns the place after a string that begins at `start`. */
function endOfString (text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  throw new SyntaxError('a string has no end')
}
