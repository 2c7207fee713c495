import { approximately, bar, count, duration, rate, size, type Colour, type Painter } from '../paint.ts'
import { counted } from '../../services/terminal/counted.ts'
import { printable } from '../../services/terminal/printable.ts'
import { outage, secondsToDrain, type LastKnown, type QueueStatus } from '../queue-status.ts'
import { controlText } from './control-text.ts'
import { shadowText } from './shadow-text.ts'

const HEALTH_COLOURS: Readonly<Record<string, Colour>> = {
  healthy: 'green',
  degraded: 'yellow',
  warning: 'yellow',
  critical: 'red',
  unknown: 'red'
}
const CIRCUIT_COLOURS: Readonly<Record<string, Colour>> = { CLOSED: 'green', HALF_OPEN: 'yellow', OPEN: 'red' }

const LABEL_WIDTH = 10
const NARROWEST_BAR = 20
const WIDEST_BAR = 60

/** Renders the status of a Spillway on one screen. */
export function statusScreen (url: string, status: QueueStatus, columns: number, paint: Painter): string {
  const { queue, workers, backpressure, control, isKnown, lastKnown } = status
  const width = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, columns - LABEL_WIDTH - 6))
  const health = paint(HEALTH_COLOURS[queue.health] ?? 'red', printable(queue.health))
  /** A current figure, or the note that it is unknown with its last value. */
  const figure = (label: string, now: () => string, last?: (known: LastKnown) => string) =>
    row(
      label,
      isKnown
        ? now()
        : `${paint('red', 'unknown')}${
          lastKnown === null || last === undefined ? '' : `, last known: ${last(lastKnown)}`
        }`
    )
  const lines = [
    `${paint('bold', 'Spillway')} ${printable(url)}  ${health}`,
    '',
    figure(
      'depth',
      () => `${counted(queue.totalPending ?? 0, 'event')}, ${queue.utilizationPercent} % of critical`,
      ({ queueDepth }) => counted(queueDepth, 'event')
    ),
    ...depthBar(queue.totalPending, backpressure.thresholds, width, paint).map((line) => row('', line)),
    figure(
      'circuit',
      () =>
        `${paint(CIRCUIT_COLOURS[backpressure.circuitState] ?? 'red', backpressure.circuitState)} for ${
          duration(backpressure.stateAgeMs / 1_000)
        }${causeNote(backpressure.circuitCause)}${modeNote(backpressure.mode)}`,
      ({ circuitState }) => `${circuitState}${modeNote(backpressure.mode)}`
    ),
    ...controlRow(status),
    ...shadowRow(status),
    ...memoryRow(status, paint),
    figure(
      'workers',
      () =>
        `${count(workers.count ?? 0)}${neededNote(workers)}, ${count(workers.capacity ?? 0)} batches at once${
          isPaused(status) ? paint('yellow', ', paused') : ''
        }`,
      (known) => count(known.workers)
    ),
    figure(
      'rates',
      () =>
        `${ratesText(queue.arrivalRate ?? 0, queue.drainRate ?? 0)}${
          queue.totalPending === 0 && (queue.drainRate ?? 0) > 0 ? ' when there was work' : ''
        }`,
      ({ arrivalRate, drainRate }) => ratesText(arrivalRate, drainRate)
    ),
    figure('drained', () => drainText(queue)),
    ...(control === undefined ? [] : [figure('empty', () => emptyText(control, queue.totalPending))]),
    figure('oldest', () => oldestText(queue.oldestWaitingSeconds)),
    figure('events', () => eventsText(queue.counts), ({ counts }) => eventsText(counts)),
    figure('so far', () => finishedText(queue.counts), ({ counts }) => finishedText(counts)),
    row(
      'refused',
      `${count(backpressure.rejectedCount)} ${
        backpressure.mode === 'observe' ? 'would have been, ' : ''
      }by this replica`
    )
  ]
  const warnings = warningsOf(status)
  return [
    ...lines,
    ...(warnings.length === 0
      ? []
      : ['', ...warnings.map((warning) => paint('yellow', `! ${printable(warning, ' ')}`))])
  ].join('\n')
}

function warningsOf (status: QueueStatus): string[] {
  const lost = outage(status)
  if (lost !== undefined) return [`${lost}; npx spillway doctor examines Redis`]
  const { queue: { pausedForMs }, workers: { problems } } = status
  return problems.map(({ kind, text, remedy }) =>
    kind === 'consumer-wait'
      ? `${text}; the next try is in ${duration((pausedForMs ?? 0) / 1_000)}`
      : `${text}: ${remedy}`
  )
}

function isPaused ({ workers: { problems } }: QueueStatus): boolean {
  return problems.some(({ kind }) => kind === 'paused')
}

function ratesText (arrivalRate: number, drainRate: number): string {
  return `arrival ${rate(arrivalRate)}/s, drain ${rate(drainRate)}/s`
}

function eventsText ({ waiting, active, delayed }: QueueStatus['queue']['counts']): string {
  return `${count(waiting ?? 0)} waiting, ${count(active ?? 0)} active, ${count(delayed ?? 0)} to be tried again`
}

function finishedText ({ completed, failed }: QueueStatus['queue']['counts']): string {
  return `${count(completed ?? 0)} done, ${count(failed ?? 0)} became dead letters`
}

function row (label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`
}

function controlRow (status: QueueStatus): string[] {
  const text = controlText(status)
  return text === undefined ? [] : [row('control', printable(text))]
}

function shadowRow ({ shadow }: QueueStatus): string[] {
  return shadow == null ? [] : [row('shadow', printable(shadowText(shadow)))]
}

/** Returns the row of the memory of Redis, red if it opens the circuit. */
function memoryRow ({ memory }: QueueStatus, paint: Painter): string[] {
  if (memory == null) return []
  const { usedBytes, capacityBytes, utilizationPercent } = memory
  const share = utilizationPercent === null ? '' : `, ${utilizationPercent} % of critical`
  const isFull = (utilizationPercent ?? 0) >= 100
  const text = `${size(usedBytes)}${capacityBytes === null ? '' : ` of ${size(capacityBytes)}`} of Redis${share}`
  return [row('memory', isFull ? paint('red', text) : text)]
}

function causeNote (cause: string | null | undefined): string {
  return cause === 'bytes' ? ', because of the bytes in Redis' : ''
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

/** Says for each class when nothing of it and of better ones is left. */
function emptyText ({ timeToEmptyMs, evidence }: NonNullable<QueueStatus['control']>, depth: number | null): string {
  if (depth === 0) return 'now'
  if (evidence === 'none') return 'unknown: the workers have shown no capacity yet'
  return Object.entries(timeToEmptyMs).map(([name, ms]) => {
    if (ms === null) return `${name} not in sight`
    return ms === 0 ? `${name} now` : `${name} in ${approximately(ms / 1_000)}`
  }).join(', ')
}

function drainText (queue: QueueStatus['queue']): string {
  const seconds = secondsToDrain(queue)
  if (seconds === null) return 'not in sight'
  return seconds === 0 ? 'now' : `in ${approximately(seconds)} at these rates`
}

/** Shows the depth as a bar, and below it the initial of each threshold at its place. */
function depthBar (
  depth: number | null,
  { recovery, warning, critical }: QueueStatus['backpressure']['thresholds'],
  width: number,
  paint: Painter
): string[] {
  const scale = Math.max(critical * 1.1, depth ?? 0)
  const marks = Array.from({ length: width }, () => ' ')
  const place = (threshold: number) => Math.min(width - 1, Math.floor(threshold / scale * width))
  // If two thresholds share a place, the more important one wins.
  for (const [threshold, initial] of [[recovery, 'r'], [warning, 'w'], [critical, 'c']] as const)
    marks[place(threshold)] = initial
  const colour = depth === null || depth >= critical ? 'red' : depth >= warning ? 'yellow' : 'green'
  return [
    paint(colour, depth === null ? '?'.repeat(width) : bar(depth / scale, width)),
    paint('dim', marks.join('').trimEnd()),
    paint('dim', `recovery ${count(recovery)}  warning ${count(warning)}  critical ${count(critical)}`)
  ]
}
