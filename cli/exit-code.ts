/** Exit codes of a command; documented in docs/CLI.md. */
export const EXIT = {
  ok: 0,
  /** It ran, and the answer is no: bad findings, events that were not stored, a queue that did not drain. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** As shells have it: 128 and the number of the signal. */
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143
} as const

/** Why the work of a command is broken off: the reason of its signal. */
export type StopReason = 'interrupted' | 'brokenPipe' | 'terminated'

/** Something in the arguments that only the work itself could find wrong. */
export class UsageError extends Error {
  readonly code = 'USAGE'
}
