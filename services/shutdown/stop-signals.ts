import type { EventEmitter } from 'node:events'

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

export type StopSignal = (typeof STOP_SIGNALS)[number]

/** A repetition within this time is the same request: npm passes on a Ctrl-C that the terminal has already sent. */
export const ECHO_MS = 1_000

export interface StopSignalOptions {
  source: Pick<EventEmitter, 'on'>
  /** Called with the first signal. */
  onStop: (signal: StopSignal) => void
  /** Called with a later signal: somebody does not want to wait for an orderly end. */
  onRepeated: (signal: StopSignal) => void
  /** Milliseconds, of a clock that does not go back. */
  now: () => number
}

/** Distinguishes a request to stop from its echo and from an impatient repetition. */
export function listenForStop ({ source, onStop, onRepeated, now }: StopSignalOptions): void {
  let stoppedAt: number | undefined
  for (const signal of STOP_SIGNALS) {
    source.on(signal, () => {
      if (stoppedAt === undefined) {
        stoppedAt = now()
        onStop(signal)
      } else if (now() - stoppedAt >= ECHO_MS) {
        onRepeated(signal)
      }
    })
  }
}
