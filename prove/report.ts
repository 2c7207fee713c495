import { LEVELS, type Level } from './event/level.ts'
import type { Injected } from './injector.ts'
import type { Options } from './options.ts'
import type { Loss, Tally } from './checker.ts'
import type { Outcome } from './run.ts'
import { table } from '../rig/table.ts'
import type { Violations } from './violations.ts'

const MOST_LOSSES_SHOWN = 20

/** The outcomes of the events posted during a fault or before the recovery, over all its injections. */
export interface FaultFigures {
  readonly fault: string
  readonly times: number
  readonly posted: number
  readonly acknowledged: number
  readonly handled: number
  /** Events that it repeated, and the bound: those that were being delivered. */
  readonly repeated: number
  readonly bound: number
  readonly lost: number
  readonly unrecovered: number
  readonly recoveryMedianMs: number | undefined
  readonly recoveryMaxMs: number | undefined
}

/** All results of a run, for the file of --json. */
export interface Report {
  readonly isProven: boolean
  readonly options: Options
  readonly violations: ReturnType<Violations['list']>
  readonly faults: readonly FaultFigures[]
  readonly levels: Readonly<Record<Level, Tally>>
  readonly total: Tally
  readonly losses: readonly Loss[]
  readonly ordered: number
  readonly shedReasons: Readonly<Record<string, number>>
  readonly outcome: Pick<
    Outcome,
    'injected' | 'load' | 'receipts' | 'replayed' | 'isDrained' | 'drainedInMs' | 'statuses'
  >
  readonly leftOut: Readonly<Record<string, string>>
}

/** The row for events posted outside of any fault. */
const NO_FAULT = '(none)'

/** Sums up a run. It passes without violations. */
export function makeReport (options: Options, outcome: Outcome): Report {
  const {
    world: { checker, violations, shedReasons }, injected, leftOut, judgement, load, receipts, replayed, isDrained,
    drainedInMs, statuses
  } = outcome
  const byInjection = checker.byInjection()
  const rows = [...new Set(injected.map(({ fault }) => fault))].toSorted().map((fault) =>
    figuresOf(
      fault,
      injected.filter((injection) => injection.fault === fault),
      outcome,
      byInjection
    )
  )
  const { posted = 0, acknowledged = 0, handled = 0, lost = 0 } = byInjection.get(0) ?? {}
  const outside = {
    ...figuresOf(NO_FAULT, [], outcome, byInjection),
    posted,
    acknowledged,
    handled,
    lost,
    repeated: judgement.duplicates.unexplained.length
  }
  return {
    isProven: violations.list().length === 0,
    options,
    violations: violations.list(),
    faults: [...rows, outside],
    levels: Object.fromEntries(checker.byLevel()) as Record<Level, Tally>,
    total: checker.total(),
    losses: checker.losses(MOST_LOSSES_SHOWN),
    ordered: judgement.ordered,
    shedReasons: Object.fromEntries(shedReasons),
    outcome: { injected, load, receipts, replayed, isDrained, drainedInMs, statuses },
    leftOut: Object.fromEntries(leftOut)
  }
}

/** Formats the report as text. */
export function printReport (report: Report): string {
  const {
    options,
    faults,
    levels,
    total,
    losses,
    violations,
    leftOut,
    outcome: { injected, load, receipts, replayed, isDrained, drainedInMs, statuses }
  } = report
  const blocks = [
    `seed ${options.seed}, ${options.minutes} min, ${options.rate} events/s, ${options.redis} Redis, ${options.shards} shards, appendfsync ${options.appendfsync}, ${injected.length} faults`,
    table(
      [
        'fault', 'times', 'posted', 'acknowledged', 'handled', 'repeated', 'bound', 'lost', 'recovery median s', 'max s'
      ],
      faults.map((row) => [
        row.fault,
        row.times,
        row.posted,
        row.acknowledged,
        row.handled,
        row.repeated,
        row.bound,
        row.lost,
        time(row.recoveryMedianMs),
        row.unrecovered > 0 ? `${row.unrecovered} never` : time(row.recoveryMaxMs)
      ])
    ),
    table(
      ['durability', 'obligations', 'handled', 'dead letters', 'lost', 'duplicated'],
      [...LEVELS.map((level) => levelRow(level, levels[level])), levelRow('total', total)]
    ),
    [
      `${total.posted} events posted, ${total.acknowledged} acknowledged, ${total.handled} of them handled, ${total.refused} dead letters, ${total.expired} expired, ${total.lost} lost`,
      `${total.damaged} gone in damaged batches; ${total.forgotten} gone because Redis was put back to a moment before them`,
      `${total.unpromised} handled without an acknowledgement that was seen; ${load.leftOut} not posted because too many requests were unanswered`,
      `${load.sent} requests: ${
        counted(load.byStatus)
      }, ${load.unanswered} unanswered; ${load.retried} retries, ${load.repeated} repeats of what was stored`,
      `refusals: ${counted(report.shedReasons) || 'none'}`,
      `${receipts.asked} receipts: ${counted(receipts.byStatus)}`,
      `${replayed} dead letters replayed; the order of the classes was seen in ${report.ordered} backlogs`,
      `${isDrained ? 'all had arrived' : 'NOT all had arrived'} ${time(drainedInMs)} s after the load had ended`,
      ...statuses.map((status, index) =>
        status === undefined
          ? `API ${index + 1} did not answer at the end`
          : `API ${index + 1}: ${status.deadLetters} dead letters, ${
            status.spooled ?? 'no'
          } events in the spool, circuit ${status.circuitState}, imbalance ${counted(status.imbalance)}`
      ),
      ...Object.entries(leftOut).map(([fault, why]) => `${fault} was left out: ${why}`),
      ...violations.flatMap(({ check, count, examples }) => [
        `VIOLATED: ${check}, ${count} times`, ...examples.map((example) => `  ${example}`)
      ]),
      ...losses.map((loss) => lossLine(loss, injected))
    ].join('\n'),
    report.isProven
      ? `PASSED with seed ${options.seed}: none of ${total.acknowledged} acknowledged events was lost over ${injected.length} faults, and all else held`
      : `FAILED with seed ${options.seed}: ${
        violations.map(({ check, count }) => `${check} ${count}`).join(', ')
      }; again with --seed ${options.seed}`
  ]
  return blocks.join('\n\n')
}

function figuresOf (
  fault: string,
  injections: readonly Injected[],
  {
    judgement: {
      duplicates: { byDisturbance }
    }
  }: Outcome,
  byInjection: ReadonlyMap<number, Tally>
): FaultFigures {
  const sum = (figure: keyof Tally) =>
    injections.reduce((total, { number }) => total + (byInjection.get(number)?.[figure] ?? 0), 0)
  const repeats = (figure: 'repeated' | 'most') =>
    injections.reduce((total, { number }) => total + (byDisturbance.get(number)?.[figure] ?? 0), 0)
  const times = injections.flatMap(({ recoveredInMs }) => recoveredInMs ?? []).toSorted((a, b) => a - b)
  return {
    fault,
    times: injections.length,
    posted: sum('posted'), acknowledged: sum('acknowledged'), handled: sum('handled'), lost: sum('lost'),
    repeated: repeats('repeated'), bound: repeats('most'),
    unrecovered: injections.length - times.length,
    recoveryMedianMs: times[Math.floor((times.length - 1) / 2)],
    recoveryMaxMs: times.at(-1)
  }
}

/** Formats seconds for people. */
function time (ms: number | undefined): string {
  return ms === undefined ? '-' : (ms / 1_000).toFixed(2)
}

function counted (counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([name, count]) => `${count} x ${name}`).join(', ')
}

function levelRow (
  name: string, { acknowledged, handled, refused, lost, duplicated }: Tally
): [string, number, number, number, number, number] {
  return [name, acknowledged, handled, refused, lost, duplicated]
}

/** The cause of a loss was present when the event was posted, or followed its acknowledgement. */
function lossLine (
  { sequence, level, postedAtMs, acknowledgedAtMs, injection }: Loss,
  injected: readonly Injected[]
): string {
  const during = injected.find(({ number }) => number === injection)
  const next = injected.find(({ atMs }) => atMs >= acknowledgedAtMs)
  return [
    `LOST: event ${sequence}, ${level}, posted at ${time(postedAtMs)} s`,
    `acknowledged at ${time(acknowledgedAtMs)} s`,
    during === undefined ? 'during no fault' : `during #${during.number} ${during.fault}`,
    ...(next === undefined ? [] : [`before #${next.number} ${next.fault} at ${time(next.atMs)} s`])
  ].join(', ')
}
