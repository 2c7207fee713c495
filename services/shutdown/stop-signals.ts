import type { EventEmitter } from 'node:events'

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

export type StopSignal = (typeof STOP_SIGNALS)[number]

/** Within so many ms a repetition is the same request: npm passes on a Ctrl-C that the terminal has sent already. */
export const ECHO_MS = 1_000

export interface StopSignalOptions {
  source: Pick<EventEmitter, 'on'>
  /** The first signal. */
  onStop: (signal: StopSignal) => void
  /** A later one: somebody does not want to wait for an orderly end. */
  onRepeated: (signal: StopSignal) => void
  /** Milliseconds, of a clock that does not go back. */
  now: () => number
}

/** Tells a request to stop from its echo and from an impatient repetition. */
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
