import type { Damage } from '../excuses.ts'

/** The report of a damaged batch in the log of a process. */
export interface DamageReport {
  readonly place: Damage['place']
  readonly batchId: string
  readonly events: number
}

/** Checks that Spillway has reported the batches that a fault has damaged, and no others. */
export function damageProblems (damages: readonly Damage[], reports: readonly DamageReport[]): string[] {
  const isOf = ({ place, batchId, events }: Damage) => (report: DamageReport) =>
    report.place === place && report.batchId === batchId && report.events === events.length
  return [
    ...damages.filter((damage) => !reports.some(isOf(damage))).map(({ place, batchId, events }) =>
      `the damage of batch ${batchId} in the ${place}, ${events.length} events, was not reported`),
    ...reports.filter((report) => !damages.some((damage) => isOf(damage)(report))).map(({ place, batchId, events }) =>
      `batch ${batchId} in the ${place}, ${events} events, was reported as damaged, and nobody had damaged it`)
  ]
}
