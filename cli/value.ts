import { InvalidArgumentError } from 'commander'
import { EXPECTED_DATE_TIME, isDateTime } from '../services/event/date-time.ts'

/** Reads a number of seconds above 0. */
export function seconds (text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0) || value > 1e6)
    throw new InvalidArgumentError('Expected a number of seconds above 0.')
  return value
}

/** Reads a time of RFC 3339 and returns its text. */
export function dateTime (text: string): string {
  if (!isDateTime(text)) throw new InvalidArgumentError(`${EXPECTED_DATE_TIME}.`)
  return text
}

/** Reads a whole number within bounds. */
export function integer (least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return value
  }
}

/** Collects the values of a repeatable option. */
export function collect (text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
