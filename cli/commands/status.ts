import { setTimeout as wait } from 'node:timers/promises'
import { EXIT } from '../exit-code.ts'
import { readQueue, secondsToDrain } from '../queue-status.ts'
import { UnreachableError } from '../service-api.ts'
import type { CliCommand, Session } from '../session.ts'
import { statusScreen } from '../status/screen.ts'
import { seconds } from '../value.ts'

interface Options {
  watch?: boolean
  interval: number
}

/** Moves the cursor to the corner and clears the screen below. */
const NEW_SCREEN = '\u001B[H\u001B[2J'

const EXAMPLES = `
Examples:
  $ npx spillway status
  $ npx spillway status --watch --interval 5
  $ npx spillway status --json | jq .queue.totalPending
  $ npx spillway status --watch --json >> queue.ndjson`

const status: CliCommand = {
  describe: (command, action) => command
    .description('Show the queue, the circuit and the workers on one screen')
    .option('-w, --watch', 'repeat until Ctrl-C')
    .option('--interval <seconds>', 'time between two screens of --watch', seconds, 1)
    .addHelpText('after', EXAMPLES)
    .action(action<Options>(async (session, { watch = false, interval }) => {
      if (!watch) await show(session)
      else await watchStatus(session, interval)
      return EXIT.ok
    }))
}

export default status

async function show (
  { service, adminUrl: url, isJson, say, sayJson, out, paint }: Session, isNewScreen = false
): Promise<void> {
  const queue = await readQueue(service)
  if (isJson) sayJson({ url, ...queue, secondsToDrain: secondsToDrain(queue.queue) })
  else {
    if (isNewScreen) out.write(NEW_SCREEN)
    say(statusScreen(url, queue, out.columns, paint))
  }
}

/** Ctrl-C is the normal end, so the exit code is 0. */
async function watchStatus (session: Session, intervalSeconds: number): Promise<void> {
  const { signal, out, tell, isJson } = session
  try {
    while (!signal.aborted) {
      await show(session, out.isTTY).catch((error: Error) => {
        // The service may come back, so the screen goes on.
        if (!(error instanceof UnreachableError)) throw error
        if (isJson) session.sayJson({ url: session.adminUrl, timestamp: new Date().toISOString(), error: error.message })
        else tell(error.message)
      })
      await wait(intervalSeconds * 1_000, undefined, { signal })
    }
  } catch (error) {
    if (signal.reason !== 'interrupted') throw error
  }
}
