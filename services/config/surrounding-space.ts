/*
 * Values from files and secret stores often end in a stray line break: nobody could present a token with it, or verify
 * a signature. It is removed, and the log of the start says so.
 */
import { isSecret, URL_KEYS } from './redaction.ts'
import { ConfigSchema } from './schema.ts'

const KEYS = Object.keys(ConfigSchema.properties)

/** Removes line breaks at the end of a value, and all white space around a secret or a URL. */
export function withoutSurroundingSpace (key: string, value: string): string {
  return isSecret(key) || URL_KEYS.has(key) ? value.trim() : value.replace(/[\r\n]+$/, '')
}

/** Returns the keys whose values change by it. */
export function trimmedKeys (environment: Readonly<Record<string, string | undefined>>): string[] {
  return KEYS.filter((key) => withoutSurroundingSpace(key, environment[key] ?? '') !== (environment[key] ?? ''))
}
