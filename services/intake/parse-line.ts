import { parseJson } from './parse-json.ts'
import { NOT_UTF8, TOO_LONG, type Line } from './line-splitter.ts'

export type ParsedLine = { ok: true, value: unknown, text: string } | {
  ok: false,
  reason: 'invalid-json' | 'invalid-event' | 'line-too-long',
  message: string
}

/** Parses one line of a stream as JSON. */
export function parseLine (line: Line, maxBytes: number): ParsedLine {
  if (line === TOO_LONG) return { ok: false, reason: 'line-too-long', message: `Longer than ${maxBytes} bytes` }
  if (line === NOT_UTF8) return { ok: false, reason: 'invalid-json', message: 'not UTF-8' }
  const parsed = parseJson(line)
  if (parsed.ok) return parsed
  return { ok: false, reason: parsed.isLimit ? 'invalid-event' : 'invalid-json', message: parsed.message }
}
