import { isCut, type FleetOptions, type FleetRun } from './run-fleet.ts'

/** The figures of a run for a table. */
export function fleetRows (
  { figures, queue }: FleetRun,
  { thresholds: { critical, hardLimit }, quotaPerSecond, capacityPerSecond, seconds }: FleetOptionsOfReport
): [string, string][] {
  const quota = (isWhole: (second: number) => boolean) => {
    const shares = figures.quotaPerSecond(isWhole).map((events) => events / quotaPerSecond)
    return shares.length === 0 ? '-' : `${percent(Math.min(...shares))} / ${percent(Math.max(...shares))}`
  }
  const isWhole = (second: number) => !isCut(second, seconds)
  return [
    ['events offered / stored', `${count(figures.offeredEvents)} / ${count(figures.storedEvents)}`],
    ['hard limit exceeded by', over(figures.deepest, hardLimit)],
    ['critical threshold exceeded by events that the circuit may refuse', over(figures.deepestSheddable, critical)],
    ['changes of the circuit', queue.changes.map(({ to, atMs, depth }) =>
      `${to} at ${(atMs / 1_000).toFixed(1)} s (${count(depth)})`).join(', ')],
    ['changes / lines that record one / steps asked for',
      `${queue.changes.length} / ${figures.recorded} / ${count(queue.asked)}`],
    ['until 98 % of the replicas in touch are in the new state, ms: p50 / p99 / most', spread(figures.nearlyAgreedMs)],
    ['until all of them are', `${spread(figures.agreedMs)}, ${figures.overtaken} changes overtaken by the next`],
    ['until a replica that comes or comes back is in it, ms: p50 / p99 / most', spread(figures.joinedMs)],
    ['refused below half of the critical threshold while closed', percent(figures.calmRefused / figures.calmOffered)],
    ['admitted events that had no room', percent(figures.withoutRoom / figures.storedEvents)],
    ['quota in ten seconds, least and most', quota(isWhole)],
    ['the same, those with replicas cut off too', quota(() => true)],
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

function percent (share: number): string {
  return `${(100 * share).toFixed(2)} %`
}

function over (depth: number, limit: number): string {
  return percent(Math.max(0, depth / limit - 1))
}

function spread (values: readonly number[]): string {
  return values.length === 0 ? '-' : [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(0)).join(' / ')
}
