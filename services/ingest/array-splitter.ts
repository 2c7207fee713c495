/*
 * Cuts the bytes of a JSON array into its elements without parsing them, a bounded number of bytes at a time. What it gives
 * out are the texts between the commas: whoever parses each of them has parsed the array, since only whole elements parse.
 */
const QUOTE = 0x22
const COMMA = 0x2c
const OPENING_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const SPACE = 0x20
const TAB = 0x09
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** A byte-order mark before JSON is no part of it. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/** Bytes that are looked at in one step, about a millisecond of work. */
const STEP_BYTES = 1_048_576

/** How far a step came: to the end of an element, to that of the array, to what no array has, or nowhere yet. */
export type Step = 'element' | 'end' | 'malformed' | 'unfinished'

export class ArraySplitter {
  /** Whether the bytes begin as an array does. */
  readonly isArray: boolean
  readonly #bytes: Buffer
  #at: number
  #start = -1
  #end = -1
  #depth = 0
  #isInString = false
  #isFirst = true

  constructor (bytes: Buffer) {
    this.#bytes = bytes
    this.#at = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
    this.#skipSpace()
    this.isArray = bytes[this.#at] === OPENING_BRACKET
  }

  /** Bytes of the element that a step came to the end of. */
  get elementBytes (): number { return this.#end - this.#start }

  /** Its text. */
  get elementText (): string { return this.#bytes.toString('utf8', this.#start, this.#end) }

  /** Goes on, for STEP_BYTES at most. */
  step (): Step {
    if (this.#start === -1 || this.#end !== -1) {
      const ending = this.#nextElement()
      if (ending !== undefined) return ending
    }
    const until = Math.min(this.#bytes.length, this.#at + STEP_BYTES)
    if (this.#scan(until)) {
      this.#end = Math.min(this.#at, this.#bytes.length)
      return 'element'
    }
    if (this.#at < this.#bytes.length) return 'unfinished'
    return 'malformed'
  }

  /** Finds where the next element begins, unless the array ends or goes wrong there. */
  #nextElement (): 'end' | 'malformed' | undefined {
    this.#skipSpace()
    const separator = this.#bytes[this.#at]
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (separator !== (isFirst ? OPENING_BRACKET : COMMA)) {
      return !isFirst && separator === CLOSING_BRACKET ? this.#afterArray() : 'malformed'
    }
    this.#at++
    this.#skipSpace()
    if (isFirst && this.#bytes[this.#at] === CLOSING_BRACKET) return this.#afterArray()
    this.#start = this.#at
    this.#end = -1
    return undefined
  }

  #afterArray (): 'end' | 'malformed' {
    this.#at++
    this.#skipSpace()
    return this.#at >= this.#bytes.length ? 'end' : 'malformed'
  }

  /** Looks for the end of the element; true when it is found. Brackets and braces match in valid JSON: one count does for both. */
  #scan (until: number): boolean {
    const bytes = this.#bytes
    let at = this.#at
    let depth = this.#depth
    let isInString = this.#isInString
    let isFound = false
    while (at < until && !isFound) {
      const byte = bytes[at] as number
      if (isInString) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) {
          isInString = false
          isFound = depth === 0
        }
        at++
      } else if (byte === QUOTE) {
        // Text that is no string and has one in it is not JSON: it ends there, and does not parse.
        isInString = true
        at++
      } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        depth++
        at++
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
        if (depth === 0) isFound = true
        else {
          isFound = --depth === 0
          at++
        }
      } else if (depth === 0 && (byte === COMMA || byte <= SPACE)) isFound = true
      else at++
    }
    this.#at = at
    this.#depth = isFound ? 0 : depth
    this.#isInString = isInString
    return isFound
  }

  #skipSpace (): void {
    while (isSpace(this.#bytes[this.#at])) this.#at++
  }
}

/** White space as JSON has it: of other control characters none may stand between elements. */
function isSpace (byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === CARRIAGE_RETURN || byte === TAB
}
