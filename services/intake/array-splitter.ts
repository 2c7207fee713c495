/*
 * Cuts the text of a JSON array into its elements without parsing them, a bounded number of characters at a time. It
 * yields the texts between the commas: only whole elements parse, so a caller that parses each of them has parsed the
 * array.
 */
import { isEscaped } from '../event/json-text.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const SPACE = 0x20
const TAB = 0x09
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** A byte-order mark before JSON is not part of it. */
const BYTE_ORDER_MARK = 0xfeff

/** Characters that one step scans, a few milliseconds at most. */
const STEP_CHARACTERS = 262_144

/** The result of a step: the end of an element, the end of the array, invalid text, or none yet. */
export type Step = 'element' | 'end' | 'malformed' | 'unfinished'

export class ArraySplitter {
  /** Whether the text begins as an array does. */
  readonly isArray: boolean
  readonly #json: string
  #at: number
  #start = -1
  #end = -1
  #depth = 0
  #isInString = false
  #isFirst = true

  constructor (json: string) {
    this.#json = json
    this.#at = json.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0
    this.#skipSpace()
    this.isArray = json.charCodeAt(this.#at) === OPENING_BRACKET
  }

  /** The element whose end the last step reached. */
  get element (): string { return this.#json.slice(this.#start, this.#end) }

  /** Scans STEP_CHARACTERS, or to the end of a string that begins within them. */
  step (): Step {
    if (this.#start === -1 || this.#end !== -1) {
      const ending = this.#nextElement()
      if (ending !== undefined) return ending
    }
    if (this.#scan(Math.min(this.#json.length, this.#at + STEP_CHARACTERS))) {
      this.#end = this.#at
      return 'element'
    }
    return this.#at < this.#json.length ? 'unfinished' : 'malformed'
  }

  /** Finds the start of the next element, unless the array ends there or is malformed. */
  #nextElement (): 'end' | 'malformed' | undefined {
    this.#skipSpace()
    const separator = this.#json.charCodeAt(this.#at)
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (separator !== (isFirst ? OPENING_BRACKET : COMMA)) {
      return !isFirst && separator === CLOSING_BRACKET ? this.#afterArray() : 'malformed'
    }
    this.#at++
    this.#skipSpace()
    if (isFirst && this.#json.charCodeAt(this.#at) === CLOSING_BRACKET) return this.#afterArray()
    this.#start = this.#at
    this.#end = -1
    return undefined
  }

  #afterArray (): 'end' | 'malformed' {
    this.#at++
    this.#skipSpace()
    return this.#at >= this.#json.length ? 'end' : 'malformed'
  }

  /** Whether the element ends before `until`. Brackets and braces match in valid JSON, so one count covers both. */
  #scan (until: number): boolean {
    const json = this.#json
    let at = this.#at
    let depth = this.#depth
    let isInString = this.#isInString
    let isFound = false
    while (at < until && !isFound) {
      if (isInString) {
        const quote = json.indexOf('"', at)
        at = quote === -1 ? json.length : quote + 1
        if (quote !== -1 && !isEscaped(json, quote)) {
          isInString = false
          isFound = depth === 0
        }
        continue
      }
      const character = json.charCodeAt(at)
      // A string inside other text is not JSON: the element ends there and fails to parse.
      if (character === QUOTE) isInString = true
      else if (character === OPENING_BRACE || character === OPENING_BRACKET) depth++
      else if (character === CLOSING_BRACE || character === CLOSING_BRACKET) {
        isFound = depth <= 1
        // A bracket without an opening one closes the array.
        if (depth-- === 0) break
      } else if (depth === 0 && (character === COMMA || character <= SPACE)) {
        isFound = true
        break
      }
      at++
    }
    this.#at = at
    this.#depth = isFound ? 0 : depth
    this.#isInString = isInString
    return isFound
  }

  #skipSpace (): void {
    while (isSpace(this.#json.charCodeAt(this.#at))) this.#at++
  }
}

/** White space of JSON: other control characters may not stand between elements. */
function isSpace (character: number): boolean {
  return character === SPACE || character === NEWLINE || character === CARRIAGE_RETURN || character === TAB
}
