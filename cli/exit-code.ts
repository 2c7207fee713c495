/** Exit codes of a command; documented in docs/CLI.md. */
export const EXIT = {
  ok: 0,
  /** The command ran and found a failure: bad findings, events that were not stored, a queue that did not drain. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** The convention of shells: 128 plus the number of the signal. */
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143
} as const

/** Why a command was interrupted: the reason of its abort signal. */
export type StopReason = 'interrupted' | 'brokenPipe' | 'terminated'

/** An error in the arguments that shows only during the work. */
export class UsageError extends Error {
  readonly code = 'USAGE'
}
