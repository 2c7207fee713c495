/*
 * Values that come from files and secret stores end in a line break that nobody meant: a token with it can never be
 * presented, a signature with it never verified. It is removed and the start says so.
 */
import { isSecret, URL_KEYS } from './redaction.ts'
import { ConfigSchema } from './schema.ts'

const KEYS = Object.keys(ConfigSchema.properties)

/** A value without the line breaks at its end; a secret or a URL without any white space around it. */
export function withoutSurroundingSpace (key: string, value: string): string {
  return isSecret(key) || URL_KEYS.has(key) ? value.trim() : value.replace(/[\r\n]+$/, '')
}

/** The keys whose values lose something of it. */
export function trimmedKeys (environment: Readonly<Record<string, string | undefined>>): string[] {
  return KEYS.filter((key) => withoutSurroundingSpace(key, environment[key] ?? '') !== (environment[key] ?? ''))
}
