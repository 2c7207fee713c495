import type { Logger } from 'pino'
import { StartFault } from '../services/config/start-fault.ts'
import { printableLines } from '../services/terminal/printable.ts'

/** Ends a process that cannot start. */
export function giveUp (log: Logger, error: Error): never {
  // In a terminal a person reads it, who can mend a known fault without a log line.
  if (error instanceof StartFault && process.stdout.isTTY) {
    process.stderr.write(`Spillway cannot start: ${printableLines(error.message)}\n`)
  } else log.fatal({ event: 'start-failed', err: error }, error.message)
  process.exit(1)
}
