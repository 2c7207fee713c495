import { setTimeout as wait } from 'node:timers/promises'
import { EXIT } from '../exit-code.ts'
import { bar, count, duration } from '../paint.ts'
import { Progress } from '../progress.ts'
import { readQueue, secondsToDrain, standstill, sumOf, type QueueStatus } from '../queue-status.ts'
import type { CliCommand, Session } from '../session.ts'
import { seconds } from '../value.ts'

interface Options {
  timeout?: number
}

const POLL_INTERVAL_MS = 250
const BAR_WIDTH = 24

const EXAMPLES = `
Waits for all that was accepted: waiting, in work, to be tried again, and in the spool of the replica that answers. Dead letters
are not waited for. Events that come in meanwhile count too: stop the producers first.

Examples:
  $ spillway drain
  $ spillway drain --timeout 300 && kubectl scale deployment spillway-worker --replicas 0
  $ spillway drain --json --timeout 60`

const drain: CliCommand = {
  describe: (command, action) => command
    .description('Wait until everything that was accepted is worked off')
    .option('--timeout <seconds>', 'give up after this long and end with 1', seconds)
    .addHelpText('after', EXAMPLES)
    .action(action<Options>(async (session, { timeout = Infinity }) => {
      const startedAt = performance.now()
      const found = await untilDrained(session, startedAt, startedAt + timeout * 1_000)
      const elapsed = (performance.now() - startedAt) / 1_000
      const isDrained = found.pending === 0
      const reason = isDrained ? undefined : found.status === undefined ? 'the depth is not known' : standstill(found.status)
      if (session.isJson) session.sayJson({ drained: isDrained, pending: found.pending ?? null, seconds: Math.round(elapsed * 10) / 10, ...(reason !== undefined && { reason }) })
      else if (isDrained) session.say(`drained in ${duration(elapsed)}`)
      else session.say(`not drained after ${duration(elapsed)}: ${found.pending === undefined ? 'an unknown number of' : count(found.pending)} events are left${reason === undefined ? '' : `; ${reason}`}`)
      return isDrained ? EXIT.ok : EXIT.failed
    }))
}

export default drain

interface Found {
  /** Undefined while it is not known. */
  pending: number | undefined
  status: QueueStatus | undefined
}

async function untilDrained ({ service, err, signal, isJson }: Session, startedAt: number, deadline: number): Promise<Found> {
  const progress = new Progress(err)
  let most = 0
  let told: string | undefined
  try {
    for (;;) {
      const askedAt = performance.now()
      const found = await read(service)
      most = Math.max(most, found.pending ?? 0)
      // A reading from before the start does not have what was accepted just before it.
      const isRecent = found.status !== undefined && askedAt - found.status.queue.snapshotAgeMs >= startedAt
      if (found.pending === 0 && isRecent) return found
      if (performance.now() >= deadline) return found.pending === 0 ? { pending: undefined, status: undefined } : found
      const obstacle = found.pending === 0 || found.status === undefined ? undefined : standstill(found.status)
      if (obstacle !== undefined && obstacle !== told && !isJson) {
        progress.end()
        err.write(`! ${obstacle}\n`)
      }
      told = obstacle
      progress.show(() => progressText(found, most))
      await wait(Math.min(POLL_INTERVAL_MS, Math.max(0, deadline - performance.now())), undefined, { signal })
    }
  } finally {
    progress.end()
  }
}

async function read (service: Session['service']): Promise<Found> {
  const status = await readQueue(service)
  const { totalPending, counts } = status.queue
  if (totalPending === null) return { pending: undefined, status: undefined }
  const { text } = await service.fetch('GET', 'api/v1/metrics/prometheus')
  return { pending: totalPending + counts.delayed + (sumOf(text, 'spillway_spool_events') ?? 0), status }
}

function progressText ({ pending, status }: Found, most: number): string {
  if (pending === undefined || status === undefined) return 'the depth is not known: the queue cannot be read'
  const left = secondsToDrain(status.queue, pending - (status.queue.totalPending ?? 0))
  return `${bar(most === 0 ? 1 : 1 - pending / most, BAR_WIDTH)} ${count(pending)} events left, ${left === null ? 'no end in sight at these rates' : `about ${duration(left)}`}`
}
