import { table } from '../../rig/table.ts'
import type { SubjectResult } from '../compare.ts'
import type { Interval } from '../measure/mean.ts'

const percent = (share: number) => (100 * share).toFixed(1)
const percentOf = (share: number | undefined) => share === undefined ? '-' : percent(share)
const seconds = (ms: number) => (ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)
const withBounds = (interval: Interval | undefined) =>
  interval ? `${percent(interval.mean)} (${percent(interval.low)} to ${percent(interval.high)})` : '-'

const HEAD = [
  'subject', 'goodput %', 'crit. lost %', 'p99 wait s: crit.', 'normal', 'low', 'in budget %: crit.', 'normal', 'low',
  'overshoot', 'flips', 'recovery s', 'light p99 s', 'Retry-After p50', 'p90', 'offers/event',
  'sampled out %: normal', 'low', 'error %: normal', 'low'
]
const COST_HEAD = [
  'subject', 's at limit', 's above critical', 'low shed %', 'normal shed %', 'low sampled out %', 'worker h'
]
const COMPARISON_HEAD = (first: string) =>
  ['subject', 'goodput below foresight %', `goodput above ${first} %`, `worth above ${first} %`, 'parameters']

/** Lays the figures of all subjects out for a terminal. */
export function resultTable (results: readonly SubjectResult[]): string {
  return table(HEAD, results.map(({
    waitMs, minutesWithinBudget: within, retryAfterAccuracy: accuracy, sample: { normal, low }, ...result
  }) => [
    result.name, percent(result.goodput), percent(result.criticalLost),
    seconds(waitMs.critical.p99), seconds(waitMs.normal.p99), seconds(waitMs.low.p99),
    percent(within.critical), percent(within.normal), percent(within.low),
    result.overshoot.toFixed(2), result.circuitFlips.toFixed(0), result.recoverySeconds.toFixed(1),
    seconds(result.lightWaitMs),
    accuracy.p50?.toFixed(2) ?? '-', accuracy.p90?.toFixed(2) ?? '-', result.retryAmplification.toFixed(2),
    percentOf(normal?.share), percentOf(low?.share), percentOf(normal?.error), percentOf(low?.error)
  ]))
}

const DEADLINE_HEAD =
  ['subject', 'deadlines missed', 'refused at admission', 'expired in the queue', 'refused %', 'delivered late']

const missed = ({ counts: { wouldExpire, expired, late } }: SubjectResult) => wouldExpire + expired + late

/** Lays out the ends of the events whose deadlines were in danger. */
export function deadlineTable (results: readonly SubjectResult[]): string {
  return table(DEADLINE_HEAD, results.map((result) => {
    const { counts: { wouldExpire, expired, late } } = result
    return [
      result.name, missed(result).toFixed(0), wouldExpire.toFixed(0), expired.toFixed(0),
      percent(wouldExpire / Math.max(1, missed(result))), late.toFixed(0)
    ]
  }))
}

/** The price of a queue below its limits: what was shed, and the workers that were there. */
export function costTable (results: readonly SubjectResult[]): string {
  return table(COST_HEAD, results.map(({ name, shedShare: { low, normal }, sample, ...result }) => [
    name, result.secondsAtLimit.toFixed(0), result.secondsAboveCritical.toFixed(0), percent(low), percent(normal),
    percent(sample.low?.share ?? 0), (result.workerSeconds / 3_600).toFixed(1)
  ]))
}

/** The comparison: what foresight has more, what the subject has more than the first one, and the tuned values. */
export function comparisonTable (results: readonly SubjectResult[]): string {
  const first = results[0]?.name ?? ''
  return table(COMPARISON_HEAD(first), results.map(({ name, regret, gain, parameters }) => [
    name, withBounds(regret), withBounds(gain?.goodput), withBounds(gain?.worth),
    Object.entries(parameters).map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`).join(', ')
  ]))
}
