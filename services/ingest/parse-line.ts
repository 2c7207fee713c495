import secureJson from 'secure-json-parse'
import { TOO_LONG, type Line } from './line-splitter.ts'

export type ParsedLine = { ok: true, value: unknown } | { ok: false, reason: 'invalid-json' | 'line-too-long', message: string }

/** Parses one line as JSON, with the same guard against `__proto__` that JSON bodies have. */
export function parseLine (line: Line, maxBytes: number): ParsedLine {
  if (line === TOO_LONG) return { ok: false, reason: 'line-too-long', message: `Longer than ${maxBytes} bytes` }
  try {
    return { ok: true, value: secureJson.parse(line, undefined, { protoAction: 'error', constructorAction: 'error' }) }
  } catch (error) {
    return { ok: false, reason: 'invalid-json', message: (error as Error).message }
  }
}
