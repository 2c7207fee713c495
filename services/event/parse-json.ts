import secureJson from 'secure-json-parse'

export type ParsedJson = { ok: true, value: unknown } | { ok: false, message: string }

/** Parses JSON that came from outside: an object with a `__proto__` key is refused, since whoever copies it would be changed by it. */
export function parseJson (text: string): ParsedJson {
  try {
    return { ok: true, value: secureJson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' }) }
  } catch (error) {
    return { ok: false, message: (error as Error).message }
  }
}
