import { setTimeout as wait } from 'node:timers/promises'
import { counted } from '../../services/terminal/counted.ts'
import { EXIT } from '../exit-code.ts'
import { approximately, bar, duration } from '../paint.ts'
import { Progress } from '../progress.ts'
import { lastDepth, outage, readQueue, secondsToDrain, standstill, sumOf, type QueueStatus } from '../queue-status.ts'
import type { CliCommand, Session } from '../session.ts'
import { seconds } from '../value.ts'

interface Options {
  timeout?: number
}

const POLL_INTERVAL_MS = 250
/** The page of metrics, which includes the spool, may be this old. */
const PAGE_AGE_MS = 1_000
const BAR_WIDTH = 24

const EXAMPLES = `
Waits until no accepted event is left: waiting, in work, due for another attempt, or in the spool of the replica that
answers. It does not wait for dead letters. Events that arrive meanwhile count too: stop the producers first.

Examples:
  $ npx spillway drain
  $ npx spillway drain --timeout 300 && kubectl scale deployment spillway-worker --replicas 0
  $ npx spillway drain --json --timeout 60`

const drain: CliCommand = {
  describe: (command, action) => command
    .description('Wait until all accepted events are processed')
    .option('--timeout <seconds>', 'give up after this long and end with 1', seconds)
    .addHelpText('after', EXAMPLES)
    .action(action<Options>(async (session, { timeout = Infinity }) => {
      const startedAt = performance.now()
      const found = await untilDrained(session, startedAt, startedAt + timeout * 1_000)
      const elapsed = (performance.now() - startedAt) / 1_000
      const isDrained = found.pending === 0
      const reason = isDrained ? undefined : obstacleOf(found)
      if (session.isJson) {
        session.sayJson({
          drained: isDrained,
          pending: found.pending ?? null,
          seconds: Math.round(elapsed * 10) / 10,
          ...(reason !== undefined && { reason }),
          ...(found.pending === undefined && { lastKnown: found.status?.lastKnown ?? null })
        })
      } else if (isDrained) {
        session.say(`drained in ${duration(elapsed)}`)
      } else {
        const left = found.pending === undefined
          ? 'an unknown number of events are'
          : `${counted(found.pending, 'event')} ${found.pending === 1 ? 'is' : 'are'}`
        const why = reason === undefined ? '' : `; ${reason}`
        session.say(`not drained after ${duration(elapsed)}: ${left} left${why}`)
      }
      return isDrained ? EXIT.ok : EXIT.failed
    }))
}

export default drain

interface Found {
  /** Undefined while it is unknown. */
  pending: number | undefined
  status: QueueStatus | undefined
}

async function untilDrained (
  { service, err, tell, signal, isJson }: Session, startedAt: number, deadline: number
): Promise<Found> {
  const progress = new Progress(err)
  let most = 0
  let told: string | undefined
  try {
    for (;;) {
      const askedAt = performance.now()
      const found = await read(service)
      most = Math.max(most, found.pending ?? 0)
      // A reading from before the start may lack events that were accepted just before the start.
      const isRecent = found.status !== undefined &&
        askedAt - Math.max(found.status.queue.snapshotAgeMs, PAGE_AGE_MS) >= startedAt
      if (found.pending === 0 && isRecent) return found
      if (performance.now() >= deadline) return found.pending === 0 ? { pending: undefined, status: undefined } : found
      const obstacle = found.pending === 0 ? undefined : obstacleOf(found)
      // The age of the reading changes all the time, so a change of it alone is not reported.
      const news = found.pending === undefined ? 'unknown' : obstacle
      if (obstacle !== undefined && news !== told && !isJson) {
        progress.end()
        tell(`! ${obstacle}`)
      }
      told = news
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
  if (totalPending === null) return { pending: undefined, status }
  const { text } = await service.fetch('GET', 'api/v1/metrics/prometheus')
  return { pending: totalPending + (counts.delayed ?? 0) + (sumOf(text, 'spillway_spool_events') ?? 0), status }
}

/** Returns why the end cannot be predicted, as far as that is known. */
function obstacleOf ({ pending, status }: Found): string | undefined {
  if (status === undefined) return 'the depth is unknown: the service has not read the queue since this command started'
  return pending === undefined ? `${outage(status)}; the depth is unknown, ${lastDepth(status)}` : standstill(status)
}

function progressText ({ pending, status }: Found, most: number): string {
  if (pending === undefined || status === undefined) {
    return `the depth is unknown${status === undefined ? '' : `, ${lastDepth(status)}`}`
  }
  const left = secondsToDrain(status.queue, pending - (status.queue.totalPending ?? 0))
  return `${bar(most === 0 ? 1 : 1 - pending / most, BAR_WIDTH)} ${counted(pending, 'event')} left, ${
    left === null ? 'the queue does not shrink at these rates' : approximately(left)
  }`
}
