import { milliseconds } from '../key-types.ts'

/** Keys of an orderly stop. */
export const shutdownKeys = {
  SHUTDOWN_DELAY_MS: milliseconds(
    500,
    0,
    600_000,
    'Time between turning unready and refusing connections, in which keep-alive connections are asked to close'
  ),
  SHUTDOWN_DEADLINE_MS: milliseconds(10_000, 100, 600_000, 'Time a stopping process has for its requests and batches')
}
