import { WALKS } from '../../rig/series.ts'
import { Forecaster } from '../../services/control/forecast/forecaster.ts'

const STEPS = 8_000

/** The forecasts of series whose next change nothing foretells. */
export interface Silence {
  readonly walk: string
  /** Series, and those of them in which the gate opened at any step and horizon. */
  readonly series: number
  readonly opened: number
  /** Share of steps at which the gate was open. */
  readonly openShare: number
}

/** Follows each kind of random walk so many times and counts how often a forecast was trusted. */
export function silence (seeds: number, horizons: readonly number[]): Silence[] {
  return Object.entries(WALKS).map(([walk, family]) => {
    let opened = 0
    let open = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const before = open
      const forecaster = new Forecaster({ horizons, seasonSteps: 86_400, firstStep: 0 })
      for (const value of family(STEPS, seed)) {
        forecaster.observe(value)
        if (forecaster.forecasts.some(({ isTrusted }) => isTrusted)) open++
      }
      if (open > before) opened++
    }
    return { walk, series: seeds, opened, openShare: open / (seeds * STEPS) }
  })
}
