/*
 * What of the configuration may be seen in a log or an error message. Redaction works on text that may not even be a URL:
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

/** Hides what stands before an @ (credentials) and behind a ? or # (tokens) and leaves scheme, host and path. */
export function redactUrl (url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@').replace(/([?#]).*$/s, '$1***')
}

/** Quotes what was given for a key; of a secret only the length is told. */
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
