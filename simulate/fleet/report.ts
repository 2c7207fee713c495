import type { FleetOptions, FleetRun } from './run-fleet.ts'

/** The figures of a run for a table. */
export function fleetRows (
  { figures, queue }: FleetRun,
  { thresholds: { critical, hardLimit }, quotaPerSecond, capacityPerSecond, seconds }: FleetOptionsOfReport
): [string, string][] {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`
  const over = (depth: number, limit: number) => percent(Math.max(0, depth / limit - 1))
  const spread = (values: readonly number[]) => values.length === 0
    ? '-'
    : [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(0)).join(' / ')
  const { quotaPerSecond: quotas } = figures
  return [
    ['events offered / stored', `${count(figures.offeredEvents)} / ${count(figures.storedEvents)}`],
    ['hard limit exceeded by', over(figures.deepest, hardLimit)],
    ['critical threshold exceeded by events that the circuit may refuse', over(figures.deepestSheddable, critical)],
    ['changes of the circuit', queue.changes.map(({ to, atMs, depth }) =>
      `${to} at ${(atMs / 1_000).toFixed(1)} s (${count(depth)})`).join(', ')],
    ['changes / lines that record one / steps asked for',
      `${queue.changes.length} / ${figures.recorded} / ${count(queue.asked)}`],
    ['until all replicas in touch are in the new state, ms: p50 / p99 / most', spread(figures.agreedMs)],
    ['until a replica that comes or comes back is in it, ms: p50 / p99 / most', spread(figures.joinedMs)],
    ['refused below half of the critical threshold while closed', percent(figures.calmRefused / figures.calmOffered)],
    ['admitted events that had no room', percent(figures.withoutRoom / figures.storedEvents)],
    ['quota, least and most of ten seconds', quotas.length === 0
      ? '-'
      : [Math.min(...quotas), Math.max(...quotas)].map((events) => percent(events / quotaPerSecond)).join(' / ')],
    ['work done, of the capacity', percent(queue.done / (capacityPerSecond * seconds))],
    ['refusals by reason', [...figures.reasons].map(([reason, events]) => `${reason} ${count(events)}`).join(', ')]
  ]
}

type FleetOptionsOfReport = Pick<FleetOptions, 'thresholds' | 'quotaPerSecond' | 'capacityPerSecond' | 'seconds'>

function count (events: number): string {
  return Math.round(events).toLocaleString('en')
}

/** The value that this share of all does not exceed, by nearest rank. */
function quantile (values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(share * values.length) - 1)] as number
}
