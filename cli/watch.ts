import { setTimeout as wait } from 'node:timers/promises'
import { UnreachableError } from './service-api.ts'
import type { Session } from './session.ts'

/** Moves the cursor to the corner and clears the screen below. */
const NEW_SCREEN = '\u001B[H\u001B[2J'

/**
 * Shows something until Ctrl-C, which is the normal end, so the exit code is 0.
 *
 * @param show gets what clears the screen, and calls it when it has what it shows, so that the screen is never empty
 */
export async function watch (
  session: Session, intervalSeconds: number, show: (clear: () => void) => Promise<void>
): Promise<void> {
  const { signal, out, tell, isJson, adminUrl: url } = session
  const clear = () => { if (out.isTTY && !isJson) out.write(NEW_SCREEN) }
  try {
    while (!signal.aborted) {
      await show(clear).catch((error: Error) => {
        // The service may come back, so the screen goes on.
        if (!(error instanceof UnreachableError)) throw error
        if (isJson) session.sayJson({ url, timestamp: new Date().toISOString(), error: error.message })
        else tell(error.message)
      })
      await wait(intervalSeconds * 1_000, undefined, { signal })
    }
  } catch (error) {
    if (signal.reason !== 'interrupted') throw error
  }
}
