import { COLUMNS, type SignalPoint } from '../../../services/history/series.ts'

/** A point of this second in which all that is not given is 0. */
export function pointAt (time: number, more: Partial<SignalPoint> = {}): SignalPoint {
  const zeros = Object.fromEntries(COLUMNS.map((name) => [name, 0])) as Record<typeof COLUMNS[number], number>
  return { time, depth: { critical: 0, normal: 0, low: 0 }, ...zeros, shed: {}, ...more }
}
