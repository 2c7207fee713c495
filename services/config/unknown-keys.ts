import { ConfigSchema } from './schema.ts'
import type { EnvironmentVariables } from './load-config.ts'

const KNOWN_KEYS = Object.keys(ConfigSchema.properties)

/** Prefixes that no other program is likely to use; HOST, REDIS_ and LOG_ may belong to other programs. */
const OWN_PREFIX =
  /^(BACKPRESSURE|BATCH|DELIVERY|EVENT|HANDLER|IDEMPOTENCY|QUEUE|READINESS|RECEIPT|RETRY|RULE_ENGINE|SHUTDOWN|SPOOL|STREAM)_/

/** The most wrong characters that still count as a typo, in keys long enough to exclude coincidence. */
const SLIP_DISTANCE = 2
const SLIP_LENGTH = 8

export interface UnknownKey {
  readonly key: string
  /** The known key with the most similar spelling. */
  readonly suggestion: string
}

/** Returns keys that resemble keys of the schema: nobody would notice a typo, since unset keys have defaults. */
export function unknownKeys (environment: EnvironmentVariables): UnknownKey[] {
  return Object.keys(environment).filter((key) => !KNOWN_KEYS.includes(key)).toSorted().flatMap((key) => {
    const suggestion = KNOWN_KEYS.reduce((best, known) => difference(key, known) < difference(key, best) ? known : best)
    const isSlip = key.length >= SLIP_LENGTH && editDistance(key, suggestion) <= SLIP_DISTANCE
    return OWN_PREFIX.test(key) || isSlip ? [{ key, suggestion }] : []
  })
}

/** The share of the longer key that would have to change: a missing ending costs less than a different word. */
function difference (key: string, known: string): number {
  return editDistance(key, known) / Math.max(key.length, known.length)
}

/** Levenshtein distance: the least number of characters to insert, remove or replace. */
function editDistance (from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[to.length]!
}
