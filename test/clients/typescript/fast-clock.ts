import type { SpillwayClientOptions } from '../../../clients/typescript/client.ts'

const TIMES_FASTER = 200

/**
 * Options of a client for which time runs faster than for the service: a service without workers asks for up to two
 * minutes, which no test can wait for. The bound of a request stays as long as it was.
 */
export const FAST_CLOCK: Pick<SpillwayClientOptions, 'clock' | 'patienceMs' | 'requestTimeoutMs'> = {
  clock: {
    now: () => performance.now() * TIMES_FASTER,
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs / TIMES_FASTER),
    clearTimeout: (timer) => { clearTimeout(timer as NodeJS.Timeout) }
  },
  patienceMs: 120_000 * TIMES_FASTER,
  requestTimeoutMs: 60_000 * TIMES_FASTER
}
