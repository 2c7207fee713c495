import { join } from 'node:path'
import type { Change } from './program.ts'

const SHIFT_CLOCK = join(import.meta.dirname, '../../rig/shifted-clock.ts')
const HOUR_MS = 3_600_000

/** By how much clocks are wrong. */
export const CLOCK_SHIFTS_MS = [HOUR_MS, -HOUR_MS, 60_000, -60_000] as const

/** How far off a time may be that a process with a wrong clock wrote, with a minute for all else. */
export const CLOCK_TOLERANCE_MS = HOUR_MS + 60_000

/** Starts a process with a clock that is wrong. */
export function shiftedClock (shiftMs: number): Change {
  return { args: ['--import', SHIFT_CLOCK], env: { CLOCK_SHIFT_MS: String(shiftMs) } }
}
