/*
 * Limits the configuration that a log or an error message shows. Redaction works on text that may not even be a URL:
 * a mistyped REDIS_URL holds its password all the same.
 */
import type { Config } from './schema.ts'

/** A key that is named like this is a secret, so that none has to be remembered here; what goes along with requests may be one. */
const SECRET_NAME = /SECRET|TOKEN|PASSWORD|HEADERS/
/** Keys whose values may carry credentials within a URL. */
export const URL_KEYS: ReadonlySet<string> = new Set(['REDIS_URL', 'DELIVERY_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT'])
const SHOWN_CHARACTERS = 120

export function isSecret (key: string): boolean {
  return SECRET_NAME.test(key)
}

/** A port that is none: somebody who leaves the host out, or writes the password raw, has the password there. */
const NO_PORT = /^([a-z][a-z0-9+.-]*:\/\/)?[^/?#@[\]]*:(?!\d*(?:[/?#]|$)).*$/is

/** Hides credentials, anything in place of a port, and what follows a ? or # (tokens). */
export function redactUrl (url: string): string {
  if (!url.includes('@') && NO_PORT.test(url)) return url.replace(NO_PORT, '$1***')
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@').replace(/([?#]).*$/s, '$1***')
}

/** Quotes the value that was given for a key, but only the length of a secret. */
export function describeGiven (key: string, text: string): string {
  if (isSecret(key)) return `${[...text].length} characters`
  const shown = URL_KEYS.has(key) ? redactUrl(text) : text
  return JSON.stringify(shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown)
}

/** The configuration as it may be logged at the start: secrets replaced, credentials cut out of URLs. */
export function redactedConfig (config: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => {
    if (isSecret(key)) return [key, '***']
    if (value instanceof Set) return [key, [...value]]
    return [key, URL_KEYS.has(key) ? redactUrl(String(value)) : value]
  }))
}
