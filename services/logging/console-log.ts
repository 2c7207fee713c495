import { format } from 'node:util'
import type { Logger } from 'pino'
import { throttled } from './throttled-log.ts'

const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const

/** Cuts stack traces. */
const MOST_CHARACTERS = 500

/**
 * Turns console lines of libraries into log lines, so every line of the output parses; the same text once per interval.
 */
export function logConsole (log: Logger, target: Pick<Console, (typeof METHODS)[number]> = console): void {
  const note = throttled(({ message }, suppressed) => {
    log.warn({ event: 'library-message', text: message, suppressed }, 'a library wrote a message to the console')
  }, () => performance.now())
  for (const method of METHODS) {
    target[method] = (...args: unknown[]) => note(new Error(format(...args).slice(0, MOST_CHARACTERS)))
  }
}
