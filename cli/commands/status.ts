import { EXIT } from '../exit-code.ts'
import { readQueue, secondsToDrain } from '../queue-status.ts'
import type { CliCommand, Session } from '../session.ts'
import { statusScreen } from '../status/screen.ts'
import { seconds } from '../value.ts'
import { watch } from '../watch.ts'

interface Options {
  watch?: boolean
  interval: number
}

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
    .action(action<Options>(async (session, { watch: isWatching = false, interval }) => {
      if (!isWatching) await show(session)
      else await watch(session, interval, (clear) => show(session, clear))
      return EXIT.ok
    }))
}

export default status

async function show (
  { service, adminUrl: url, isJson, say, sayJson, out, paint }: Session, clear = () => {}
): Promise<void> {
  const queue = await readQueue(service)
  if (isJson) sayJson({ url, ...queue, secondsToDrain: secondsToDrain(queue.queue) })
  else {
    clear()
    say(statusScreen(url, queue, out.columns, paint))
  }
}
