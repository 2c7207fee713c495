import { pino, type Logger } from 'pino'

export interface CapturedLog {
  log: Logger
  /** Everything that was logged, parsed. */
  lines: Record<string, unknown>[]
}

/** A real pino logger whose lines stay in memory. */
export function capturedLog (level = 'trace'): CapturedLog {
  const lines: Record<string, unknown>[] = []
  return { log: pino({ level }, { write: (line) => { lines.push(JSON.parse(line)) } }), lines }
}
