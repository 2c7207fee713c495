/*
 * Finds members that change the prototype of a copy of an object: `__proto__`, and `constructor` with a `prototype`. It
 * scans the text: walking the value costs up to ten times as much, mostly for garbage collection.
 */
import { endOfString } from '../event/json-text.ts'

/** Whether a valid JSON text has a member that would change the prototype of a copy, or of all objects. */
export function isPoisoned (json: string): boolean {
  /** By level: whether the object there is the value of a `constructor`. */
  const areConstructors = [false]
  let level = 0
  let isConstructorNext = false
  for (let at = 0; at < json.length;) {
    const character = json.charCodeAt(at)
    if (character === QUOTE) {
      const end = endOfString(json, at)
      const name = isFollowedByColon(json, end) ? longName(json, at + 1, end - 1) : ''
      if (name === '__proto__' || (name === 'prototype' && areConstructors[level] === true)) return true
      isConstructorNext = name === 'constructor'
      at = end
      continue
    }
    at++
    if (character === COLON || character <= SPACE) continue
    if (character === OPENING_BRACE || character === OPENING_BRACKET) {
      areConstructors[++level] = isConstructorNext && character === OPENING_BRACE
    } else if (character === CLOSING_BRACE || character === CLOSING_BRACKET) level--
    isConstructorNext = false
  }
  return false
}

/** Returns the name at this place; empty if it is too short for a name that matters. */
function longName (json: string, start: number, end: number): string {
  if (end - start < SHORTEST.length || end - start > LONGEST.length * CHARACTERS_OF_ESCAPE) return ''
  const written = json.slice(start, end)
  return written.includes('\\') ? JSON.parse(`"${written}"`) as string : written
}

function isFollowedByColon (json: string, at: number): boolean {
  while (json.charCodeAt(at) <= SPACE) at++
  return json.charCodeAt(at) === COLON
}

const SHORTEST = '__proto__'
const LONGEST = 'constructor'
const CHARACTERS_OF_ESCAPE = 6

const SPACE = 0x20
const QUOTE = 0x22
const COLON = 0x3a
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
