/*
 * Bounds the memory of parsed JSON, by checks of its text before it is parsed.
 */
import { randomInt } from 'node:crypto'
import { endOfString } from '../event/json-text.ts'

/** Parsing allows far more levels, but writing JSON takes a stack frame per level, and must not fail later. */
export const MAX_NESTING = 100

/** Most different names in one event. Each costs half a microsecond and a shape in V8; repetitions cost nothing. */
export const MOST_NAMES = 20_000

/** Most objects and arrays of one event: several times the rows of any table, 56 bytes each. */
export const MOST_OBJECTS = 100_000

/** A member takes at least five characters and a comma, so shorter texts cannot exceed either limit. */
const SHORTEST_WITH_MOST_NAMES = 5 * MOST_NAMES

/** Says which limit a JSON text exceeds; undefined if none, and for some texts that are not JSON. */
export function exceededLimit (json: string): string | undefined {
  return json.length > SHORTEST_WITH_MOST_NAMES || hasManyBrackets(json) ? scan(json) : undefined
}

function scan (json: string): string | undefined {
  seen.fill(0)
  let names = 0
  let objects = 0
  let levels = 0
  let stringStart = 0
  let stringEnd = 0
  for (let at = 0; at < json.length;) {
    const character = json.charCodeAt(at)
    if (character === QUOTE) {
      stringStart = at
      stringEnd = at = endOfString(json, at)
      continue
    }
    at++
    if (character === COLON) {
      if (isNew(json, stringStart, stringEnd) && ++names > MOST_NAMES) {
        return `made of more than ${MOST_NAMES} different names`
      }
    } else if (character === OPENING_BRACE || character === OPENING_BRACKET) {
      if (++levels > MAX_NESTING) return `nested deeper than ${MAX_NESTING} levels`
      if (++objects > MOST_OBJECTS) return `made of more than ${MOST_OBJECTS} objects and arrays`
    } else if (character === CLOSING_BRACE || character === CLOSING_BRACKET) levels--
  }
  return undefined
}

/**
 * Whether a name is new in this text. A few in a hundred share a bit with another name and count as known; nobody can
 * choose such names, since the factor is a secret of this process.
 */
function isNew (json: string, start: number, end: number): boolean {
  const place = nameHash(json, start, end, FACTOR) >>> (BITS_OF_HASH - BITS_OF_PLACE)
  const word = place >>> BITS_OF_WORD_INDEX
  const bit = 1 << (place & WORD_MASK)
  const isNewName = ((seen[word] as number) & bit) === 0
  seen[word] = (seen[word] as number) | bit
  return isNewName
}

/**
 * Hashes a piece of a text to 32 bits. The fixed factor mixes high bits into low ones: without it, one secret factor in
 * fifty would map names that differ in a digit to the same few places.
 */
export function nameHash (text: string, start: number, end: number, factor: number): number {
  let hash = 0
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), factor)
    hash = Math.imul(hash ^ (hash >>> 15), MIXING_FACTOR)
  }
  return hash
}

/** Searching for brackets costs a quarter of a loop over all characters. */
function hasManyBrackets (json: string): boolean {
  let brackets = 0
  for (const opening of OPENINGS) {
    for (let at = json.indexOf(opening); at !== -1; at = json.indexOf(opening, at + 1)) {
      if (++brackets > MAX_NESTING) return true
    }
  }
  return false
}

const OPENINGS = ['{', '['] as const
const QUOTE = 0x22
const COLON = 0x3a
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

const BITS_OF_HASH = 32
const BITS_OF_PLACE = 18
const BITS_OF_WORD_INDEX = 5
const WORD_MASK = 31
/** Large, and odd, so that multiplication loses no bits. */
const FACTOR = randomInt(2 ** 30, 2 ** 31) | 1
const MIXING_FACTOR = 0x2c1b3c6d
/** A bit for each place of a hash; shared, since only one text is checked at a time. */
const seen = new Int32Array(2 ** (BITS_OF_PLACE - BITS_OF_WORD_INDEX))
