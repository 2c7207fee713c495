import { bar, count, duration, type Colour, type Painter } from '../paint.ts'
import { consumerWait, secondsToDrain, standstill, type QueueStatus } from '../queue-status.ts'

const HEALTH_COLOURS: Readonly<Record<string, Colour>> = { healthy: 'green', degraded: 'yellow', warning: 'yellow', critical: 'red', unknown: 'red' }
const CIRCUIT_COLOURS: Readonly<Record<string, Colour>> = { CLOSED: 'green', HALF_OPEN: 'yellow', OPEN: 'red' }

const LABEL_WIDTH = 10
const NARROWEST_BAR = 20
const WIDEST_BAR = 60

/** A reading that is older than this is none any more, milliseconds. */
const STALE_MS = 5_000

/** One screen that says how a Spillway is. */
export function statusScreen (url: string, status: QueueStatus, columns: number, paint: Painter): string {
  const { queue, workers, backpressure } = status
  const { counts, totalPending, utilizationPercent } = queue
  const width = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, columns - LABEL_WIDTH - 6))
  const health = paint(HEALTH_COLOURS[queue.health] ?? 'red', queue.health)
  const lines = [
    `${paint('bold', 'Spillway')} ${url}  ${health}`,
    '',
    row('depth', totalPending === null ? paint('red', 'not known: the queue cannot be read') : `${count(totalPending)} events, ${utilizationPercent} % of critical`),
    ...depthBar(totalPending, backpressure.thresholds, width, paint).map((line) => row('', line)),
    row('circuit', `${paint(CIRCUIT_COLOURS[backpressure.circuitState] ?? 'red', backpressure.circuitState)} for ${duration(backpressure.stateAgeMs / 1_000)}${modeNote(backpressure.mode)}`),
    row('workers', `${count(workers.count)}${neededNote(workers)}, ${count(workers.capacity)} batches at once${queue.isPaused ? paint('yellow', ', paused') : ''}`),
    row('rates', totalPending === null ? 'not known' : `arrival ${count(queue.arrivalRate)}/s, drain ${count(queue.drainRate)}/s${queue.totalPending === 0 && queue.drainRate > 0 ? ' when there was work' : ''}`),
    row('drained', drainText(status)),
    row('oldest', totalPending === null ? 'not known' : oldestText(queue.oldestWaitingSeconds)),
    row('events', totalPending === null ? 'not known' : `${count(counts.waiting)} waiting, ${count(counts.active)} active, ${count(counts.delayed)} to be tried again`),
    row('so far', `${count(counts.completed)} done, ${count(counts.failed)} became dead letters, ${count(backpressure.rejectedCount)} ${backpressure.mode === 'observe' ? 'would have been ' : ''}refused by this replica`)
  ]
  const warning = standstill(status) ?? (queue.snapshotAgeMs <= STALE_MS ? consumerWait(status) : `the last reading of the queue is ${duration(queue.snapshotAgeMs / 1_000)} old`)
  return [...lines, ...warning === undefined ? [] : ['', paint('yellow', `! ${warning}`)]].join('\n')
}

function row (label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`
}

function modeNote (mode: string): string {
  if (mode === 'observe') return ', observing only: nothing is refused'
  return mode === 'false' ? ', backpressure is off: nothing is refused' : ''
}

function neededNote ({ count: live, needed }: QueueStatus['workers']): string {
  return needed === null || needed === live ? '' : ` of ${count(needed)} needed`
}

function oldestText (seconds: QueueStatus['queue']['oldestWaitingSeconds']): string {
  const waiting = Object.entries(seconds).flatMap(([name, age]) => age === null ? [] : [`${name} ${duration(age)}`])
  return waiting.length === 0 ? 'none waits' : waiting.join(', ')
}

function drainText (status: QueueStatus): string {
  const seconds = standstill(status) === undefined || status.queue.totalPending === 0 ? secondsToDrain(status.queue) : null
  if (seconds !== null) return seconds === 0 ? 'now' : `in about ${duration(seconds)} at these rates`
  return status.queue.totalPending === null ? 'not known' : 'not in sight'
}

/** The depth as a bar, and beneath it where the thresholds are, each by its first letter. */
function depthBar (depth: number | null, { recovery, warning, critical }: QueueStatus['backpressure']['thresholds'], width: number, paint: Painter): string[] {
  const scale = Math.max(critical * 1.1, depth ?? 0)
  const marks = Array.from({ length: width }, () => ' ')
  const place = (threshold: number) => Math.min(width - 1, Math.floor(threshold / scale * width))
  // The more important one wins where two fall together.
  for (const [threshold, letter] of [[recovery, 'r'], [warning, 'w'], [critical, 'c']] as const) marks[place(threshold)] = letter
  const colour = depth === null || depth >= critical ? 'red' : depth >= warning ? 'yellow' : 'green'
  return [
    paint(colour, depth === null ? '?'.repeat(width) : bar(depth / scale, width)),
    paint('dim', marks.join('').trimEnd()),
    paint('dim', `recovery ${count(recovery)}  warning ${count(warning)}  critical ${count(critical)}`)
  ]
}
