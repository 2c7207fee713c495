import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import { listenForStop, STOP_SIGNALS, type StopSignal } from '../services/shutdown/stop-signals.ts'

/** For what stops after requests and batches, which have their own deadlines: above all an embedded Redis. */
export const CLOSING_MARGIN_MS = 5_000

export interface OrderlyStop {
  readonly log: Logger
  /** How long requests and batches may take. */
  readonly deadlineMs: number
  readonly stop: (signal: NodeJS.Signals | undefined) => Promise<void>
  /** Called before the process ends at once, because somebody does not want to wait. */
  readonly onImpatience?: () => void
}

/** Stops this process in order after a signal or an uncaught error, and at once after a second signal. */
export function stopInOrder ({ log, deadlineMs, stop, onImpatience = () => {} }: OrderlyStop): void {
  let stopSignal: StopSignal | undefined
  const recordDisorder = (what: unknown): void => {
    log.error(
      { event: 'shutdown-broken-off', ...what instanceof Error ? { err: what } : { reason: what } },
      'the process ends before it has stopped in order'
    )
  }
  const grace = closeWithGrace({
    delay: deadlineMs + CLOSING_MARGIN_MS,
    logger: { error: recordDisorder },
    skip: [...STOP_SIGNALS]
  }, async ({ signal = stopSignal, err }) => {
    if (err) log.fatal({ event: 'uncaught-error', err }, 'stopping because of an uncaught error')
    else log.info({ event: 'shutdown', signal }, 'stopping')
    await stop(signal)
  })
  listenForStop({
    source: process,
    onStop: (signal) => {
      stopSignal = signal
      void grace.close()
    },
    onRepeated: (signal) => {
      recordDisorder(`second ${signal}, exiting`)
      onImpatience()
      process.exit(1)
    },
    now: () => performance.now()
  })
}
