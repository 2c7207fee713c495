/*
 * Finds values in JSON text without parsing them, so they can be passed on byte for byte as posted. All functions
 * expect text that JSON.parse has accepted, and agree with JSON.parse: of repeated names the last one counts, and a
 * name may contain escapes. They do not recurse and allocate only their result; they skip strings by a search for the
 * closing quote, and read everything else character by character.
 */

// Each reader of JSON text has its own copy of these: V8 does not fold constants that a module imports, and the loops
// below run for every event.
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const SPACE = 0x20

/**
 * Returns the text of a member of an object without surrounding white space; undefined if there is no such member.
 *
 * @param name one that JSON writes without escapes
 */
export function memberText (json: string, name: string): string | undefined {
  return findMember(json, skipSpace(json, 0), name)
}

/**
 * Returns the text of the member with this name for each element of an array; undefined for an element without it.
 *
 * @param at the place where the array begins
 * @param name as for memberText
 */
export function memberTextOfEach (json: string, at: number, name: string): (string | undefined)[] {
  const texts: (string | undefined)[] = []
  at = skipSpace(json, at + 1)
  while (at < json.length && json.charCodeAt(at) !== CLOSING_BRACKET) {
    texts.push(findMember(json, at, name))
    at = nextItem(json, lookedUntil)
  }
  return texts
}

/**
 * Returns the text of an object with one more member; the unchanged object if the text is undefined.
 *
 * @param object as JSON.stringify writes it
 */
export function withMember (object: string, name: string, text: string | undefined): string {
  if (text === undefined) return object
  return `${object.slice(0, -1)}${object === '{}' ? '' : ','}"${name}":${text}}`
}

/** End of the value that findMember visited last: a second result without an allocation. */
let lookedUntil = 0

function findMember (json: string, at: number, name: string): string | undefined {
  if (json.charCodeAt(at) !== OPENING_BRACE) {
    lookedUntil = endOfValue(json, at)
    return undefined
  }
  let foundStart = -1
  let foundEnd = -1
  at = skipSpace(json, at + 1)
  while (at < json.length && json.charCodeAt(at) !== CLOSING_BRACE) {
    const nameEnd = endOfString(json, at)
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1)
    const end = endOfValue(json, start)
    if (isName(json, at + 1, nameEnd - 1, name)) {
      foundStart = start
      foundEnd = end
    }
    at = nextItem(json, end)
  }
  lookedUntil = at + 1
  return foundStart === -1 ? undefined : json.slice(foundStart, foundEnd)
}

/**
 * Returns the start of the next element or name after one that ends at `end`, else the place of the closing bracket.
 */
function nextItem (json: string, end: number): number {
  const at = skipSpace(json, end)
  return json.charCodeAt(at) === COMMA ? skipSpace(json, at + 1) : at
}

function isName (json: string, start: number, end: number, name: string): boolean {
  const length = end - start
  if (length <= name.length) return length === name.length && json.startsWith(name, start)
  // A name with escapes is longer than its value.
  const written = json.slice(start, end)
  return written.includes('\\') && JSON.parse(`"${written}"`) === name
}

/** Between values only white space has codes up to that of the space. */
function skipSpace (json: string, at: number): number {
  while (json.charCodeAt(at) <= SPACE) at++
  return at
}

function endOfValue (json: string, at: number): number {
  const first = json.charCodeAt(at)
  if (first === QUOTE) return endOfString(json, at)
  return first === OPENING_BRACE || first === OPENING_BRACKET ? endOfContainer(json, at) : endOfLiteral(json, at)
}

/** Brackets and braces match in valid JSON, so one count does for both. */
function endOfContainer (json: string, at: number): number {
  let depth = 0
  while (at < json.length) {
    const character = json.charCodeAt(at)
    if (character === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    at++
    if (character === OPENING_BRACE || character === OPENING_BRACKET) depth++
    else if ((character === CLOSING_BRACE || character === CLOSING_BRACKET) && --depth === 0) return at
  }
  return at
}

/**
 * Returns the end of a number, of true, false or null. It advances at least one character, so no text can cause an
 * endless loop.
 */
function endOfLiteral (json: string, at: number): number {
  let end = at + 1
  while (end < json.length) {
    const character = json.charCodeAt(end)
    if (character === COMMA || character === CLOSING_BRACE || character === CLOSING_BRACKET || character <= SPACE) break
    end++
  }
  return end
}

/** Returns the end of a string that begins at `at`, after its closing quote. */
export function endOfString (json: string, at: number): number {
  let end = json.indexOf('"', at + 1)
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end === -1 ? json.length : end + 1
}

/** An odd number of backslashes escapes the next character. */
export function isEscaped (json: string, at: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
