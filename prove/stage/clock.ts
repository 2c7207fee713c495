import { join } from 'node:path'
import type { Change } from './program.ts'

const SHIFT_CLOCK = join(import.meta.dirname, '../../rig/shifted-clock.ts')
const HOUR_MS = 3_600_000

/** The error of wrong clocks. */
export const CLOCK_SHIFTS_MS = [HOUR_MS, -HOUR_MS, 60_000, -60_000] as const

/** The largest error of a time from a process with a wrong clock, with a minute of tolerance. */
export const CLOCK_TOLERANCE_MS = HOUR_MS + 60_000

/** Starts a process with a wrong clock. */
export function shiftedClock (shiftMs: number): Change {
  return { args: ['--import', SHIFT_CLOCK], env: { CLOCK_SHIFT_MS: String(shiftMs) } }
}
