/*
 * Texts that identify something are hashed and compared as UTF-8, where every lone surrogate becomes U+FFFD: two texts
 * that were cut inside an emoji would be equal. So such texts are refused. Bytes in a header or a query that are not
 * UTF-8 are refused in the same way: each becomes a lone surrogate (U+DC80 to U+DCFF, as Python's surrogateescape does,
 * PEP 383).
 */
import { isUtf8 } from 'node:buffer'
import type { FieldError } from './field-error.ts'

const ILL_FORMED =
  'Expected well-formed Unicode; it has half of a character (a lone surrogate), or bytes that are not UTF-8'

const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** Returns those of the fields that contain ill-formed Unicode. */
export function illFormed<Input extends object> (
  input: Input, names: readonly (keyof Input & string)[]
): readonly FieldError[] {
  let errors: FieldError[] | undefined
  for (const name of names) {
    if (isIllFormed(input[name])) errors = [...errors ?? [], illFormedError(name)]
  }
  return errors ?? NO_ERRORS
}

/** Returns the error of a field with such a text. */
export function illFormedError (field: string): FieldError {
  return { field, message: ILL_FORMED }
}

export function isIllFormed (value: unknown): boolean {
  return typeof value === 'string' && !value.isWellFormed()
}

/** Decodes the value of a header as UTF-8; Node decodes headers as Latin-1. */
export function headerText (value: string): string {
  return BEYOND_ASCII.test(value) ? utf8Text(value) : value
}

/** The same for text that may be percent-encoded; a percent sign without an escape is a plain character. */
export function percentDecoded (value: string): string {
  if (!value.includes('%')) return headerText(value)
  return utf8Text(value.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))))
}

/** @param latin1 a character for each byte */
function utf8Text (latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  if (isUtf8(bytes)) return bytes.toString()
  return latin1.replace(BYTES_BEYOND_ASCII, (byte) => String.fromCharCode(FIRST_ESCAPED + byte.charCodeAt(0)))
}

const BEYOND_ASCII = /[\u0080-\uffff]/
const BYTES_BEYOND_ASCII = /[\u0080-\u00ff]/g
const ESCAPE = /%([0-9a-f]{2})/gi
const FIRST_ESCAPED = 0xdc00
