/*
 * Limits the configuration that a log or an error message shows. Redaction works on text that may not even be a URL:
 * a mistyped REDIS_URL holds its password all the same.
 */
import type { Config } from './schema.ts'

/** A key with such a name is a secret, so new ones need no entry here. Headers may contain secrets. */
const SECRET_NAME = /(?:SECRET|TOKEN|PASSWORD|HEADERS)(?!_FILE$)/
/** Keys whose values may carry credentials within a URL. */
export const URL_KEYS: ReadonlySet<string> = new Set([
  'REDIS_URL', 'DELIVERY_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'JWT_JWKS_URL'
])
const SHOWN_CHARACTERS = 120

export function isSecret (key: string): boolean {
  return SECRET_NAME.test(key)
}

/** An invalid port: it may be a password, if the host is missing or the password is not encoded. */
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

/** Returns the configuration for the log: replaces secrets, and cuts credentials out of URLs. */
export function redactedConfig (config: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => {
    if (isSecret(key)) return [key, '***']
    if (value instanceof Set) return [key, [...value]]
    return [key, URL_KEYS.has(key) ? redactUrl(String(value)) : value]
  }))
}
