import type { Options } from './options.ts'
import { LEVELS, type Level, type Loss, type Tally } from './oracle.ts'
import type { Injected, Outcome } from './run.ts'
import { BATCH_MAX_EVENTS, WORKER_CONCURRENCY } from './stage.ts'
import { table } from './table.ts'

const MOST_LOSSES_SHOWN = 20
const MOST_CONTRADICTIONS_SHOWN = 5

/** What happened to the events that were posted during a fault or before it had recovered, over all injections of it. */
export interface FaultFigures {
  readonly fault: string
  readonly times: number
  readonly posted: number
  readonly acknowledged: number
  readonly handled: number
  /** Events that came again because of it, whenever they were posted. */
  readonly duplicated: number
  readonly lost: number
  readonly unrecovered: number
  readonly recoveryMedianMs: number | undefined
  readonly recoveryMaxMs: number | undefined
}

/** Everything that a run found out, as it goes into the file of --json. */
export interface Report {
  readonly isProven: boolean
  readonly options: Options
  readonly faults: readonly FaultFigures[]
  readonly levels: Readonly<Record<Level, Tally>>
  readonly total: Tally
  readonly losses: readonly Loss[]
  readonly duplicateBound: number
  readonly injected: readonly Injected[]
  readonly leftOut: Readonly<Record<string, string>>
  readonly load: Outcome['load']
  readonly strange: number
  readonly crashes: Outcome['crashes']
  readonly isDrained: boolean
  readonly drainedInMs: number
  readonly status: Outcome['status']
}

/** The row for events that were posted outside of any fault. */
export const NO_FAULT = '(none)'

/** Sums up a run. It proves what it is to prove when nothing was lost and every fault was recovered from in time. */
export function makeReport (options: Options, outcome: Outcome): Report {
  const { oracle, injected, leftOut, load, strange, crashes, isDrained, drainedInMs, status } = outcome
  const byInjection = oracle.byInjection()
  const rows = [...new Set(injected.map(({ fault }) => fault))].toSorted().map((fault) => faultFigures(fault, injected.filter((injection) => injection.fault === fault), outcome, byInjection))
  const outside = { ...faultFigures(NO_FAULT, [], outcome, byInjection), ...pickTally(byInjection.get(0)), duplicated: oracle.duplicates.get(0) ?? 0 }
  const total = oracle.total()
  return {
    isProven: total.lost === 0 && injected.every(({ recoveredInMs }) => recoveredInMs !== undefined),
    options,
    faults: [...rows, outside],
    levels: Object.fromEntries(oracle.byLevel()) as Record<Level, Tally>,
    total,
    losses: oracle.losses(MOST_LOSSES_SHOWN),
    duplicateBound: injected.length * WORKER_CONCURRENCY * BATCH_MAX_EVENTS,
    injected, leftOut: Object.fromEntries(leftOut), load, strange, crashes, isDrained, drainedInMs, status
  }
}

/** The report as text. */
export function printReport (report: Report): string {
  const { options, faults, levels, total, losses, injected, leftOut, load, crashes, status } = report
  const blocks = [
    `seed ${options.seed}, ${options.minutes} min, ${options.rate} events/s, appendfsync ${options.appendfsync}, ${injected.length} faults`,
    table(
      ['fault', 'times', 'posted', 'acknowledged', 'handled', 'duplicated', 'lost', 'recovery median s', 'max s'],
      faults.map((row) => [row.fault, row.times, row.posted, row.acknowledged, row.handled, row.duplicated, row.lost, time(row.recoveryMedianMs), row.unrecovered > 0 ? `${row.unrecovered} never` : time(row.recoveryMaxMs)])
    ),
    table(
      ['durability', 'obligations', 'handled', 'lost', 'duplicated'],
      [...LEVELS.map((level) => levelRow(level, levels[level])), levelRow('total', total)]
    ),
    [
      `${total.posted} events posted, ${total.acknowledged} acknowledged, ${total.handled} of them handled, ${total.lost} lost`,
      `${total.unpromised} handled without an acknowledgement that was seen; ${load.leftOut} not posted because too many requests were unanswered`,
      `${total.duplicated} handled more than once; the bound is ${report.duplicateBound}: ${injected.length} faults x ${WORKER_CONCURRENCY} batches in flight x ${BATCH_MAX_EVENTS} events`,
      `${load.sent} requests: ${Object.entries(load.byStatus).map(([code, count]) => `${count} x ${code}`).join(', ')}, ${load.unanswered} unanswered; ${load.repeated} of them repeats`,
      `${report.isDrained ? 'all had arrived' : 'NOT all had arrived'} ${time(report.drainedInMs)} s after the load had ended`,
      statusLine(status),
      ...Object.entries(leftOut).map(([fault, why]) => `${fault} was left out: ${why}`),
      ...Object.entries(crashes).filter(([, times]) => times > 0).map(([name, times]) => `ATTENTION: ${name} ended ${times} times although nobody had killed it`),
      ...(report.strange > 0 ? [`ATTENTION: ${report.strange} events arrived that were not posted like this`] : []),
      ...(load.contradictions.length > 0 ? [`ATTENTION: ${load.contradictions.length} answers contradict themselves, such as: ${[...new Set(load.contradictions)].slice(0, MOST_CONTRADICTIONS_SHOWN).join('; ')}`] : []),
      ...losses.map((loss) => lossLine(loss, injected))
    ].join('\n'),
    report.isProven
      ? `PASSED: none of ${total.acknowledged} acknowledged events was lost over ${injected.length} faults`
      : `FAILED: ${total.lost} acknowledged events lost, ${injected.filter(({ recoveredInMs }) => recoveredInMs === undefined).length} faults not recovered from; again with --seed ${options.seed}`
  ]
  return blocks.join('\n\n')
}

function faultFigures (fault: string, injections: readonly Injected[], { oracle }: Outcome, byInjection: ReadonlyMap<number, Tally>): FaultFigures {
  const sum = (figure: keyof Tally) => injections.reduce((total, { number }) => total + (byInjection.get(number)?.[figure] ?? 0), 0)
  const times = injections.flatMap(({ recoveredInMs }) => recoveredInMs ?? []).toSorted((a, b) => a - b)
  return {
    fault,
    times: injections.length,
    posted: sum('posted'), acknowledged: sum('acknowledged'), handled: sum('handled'), lost: sum('lost'),
    duplicated: injections.reduce((total, { number }) => total + (oracle.duplicates.get(number) ?? 0), 0),
    unrecovered: injections.length - times.length,
    recoveryMedianMs: times[Math.floor((times.length - 1) / 2)],
    recoveryMaxMs: times.at(-1)
  }
}

/** Seconds, for people. */
function time (ms: number | undefined): string {
  return ms === undefined ? '-' : (ms / 1_000).toFixed(2)
}

function pickTally (tally: Tally | undefined): Partial<FaultFigures> {
  if (tally === undefined) return {}
  const { posted, acknowledged, handled, lost } = tally
  return { posted, acknowledged, handled, lost }
}

function levelRow (name: string, { acknowledged, handled, lost, duplicated }: Tally): [string, number, number, number, number] {
  return [name, acknowledged, handled, lost, duplicated]
}

/** Whatever lost an event was there when it was posted, or came after it was acknowledged. */
function lossLine ({ sequence, level, postedAtMs, acknowledgedAtMs, injection }: Loss, injected: readonly Injected[]): string {
  const during = injected.find(({ number }) => number === injection)
  const next = injected.find(({ atMs }) => atMs >= acknowledgedAtMs)
  return [
    `LOST: event ${sequence}, ${level}, posted at ${time(postedAtMs)} s`,
    `acknowledged at ${time(acknowledgedAtMs)} s`,
    during === undefined ? 'during no fault' : `during #${during.number} ${during.fault}`,
    ...(next === undefined ? [] : [`before #${next.number} ${next.fault} at ${time(next.atMs)} s`])
  ].join(', ')
}

function statusLine (status: Outcome['status']): string {
  if (status === undefined) return 'ATTENTION: the API did not answer at the end'
  const { deadLetters, spooled, imbalance } = status
  const sides = Object.entries(imbalance).map(([side, events]) => `${side} ${events}`)
  const isOff = Object.values(imbalance).some((events) => events !== 0)
  return [
    // The consumer refuses nothing and attempts do not run out, so there is no reason for one.
    `${deadLetters > 0 ? 'ATTENTION: ' : ''}${deadLetters} dead letters`,
    spooled === undefined ? 'no spool' : `${spooled} in the spool`,
    sides.length === 0 ? 'no ledger' : `${isOff ? 'ATTENTION: ' : ''}imbalance of the ledger: ${sides.join(', ')}`
  ].join('; ')
}
