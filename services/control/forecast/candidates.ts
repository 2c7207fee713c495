import type { CreateCandidate } from './candidate.ts'
import { Autoregression } from './candidates/autoregression.ts'
import { DampedHolt } from './candidates/damped-holt.ts'
import { HoltWinters } from './candidates/holt-winters.ts'
import { Linear } from './candidates/linear.ts'
import { Persistence } from './candidates/persistence.ts'
import { SeasonalLevel } from './candidates/seasonal-level.ts'
import { longSeason, shortSeason } from './season.ts'

/** The candidates by name, cheapest first. Persistence is the first: it is the measure of the others. */
export const CANDIDATES: Readonly<Record<string, CreateCandidate>> = {
  'persistence': (_, saved) => new Persistence(saved),
  'linear': (_, saved) => new Linear(saved),
  'holt-fast': (_, saved) => new DampedHolt(0.3, saved),
  'holt': (_, saved) => new DampedHolt(0.08, saved),
  'holt-slow': (_, saved) => new DampedHolt(0.02, saved),
  'seasonal-level': (series, saved) => new SeasonalLevel(shortSeason(series), saved),
  'holt-winters': (series, saved) => new HoltWinters(longSeason(series), 0.08, saved),
  'autoregression': (series, saved) => new Autoregression(series, saved)
}
