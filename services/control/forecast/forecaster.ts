/*
 * Forecasts one series, such as the rate of arrivals, some horizons ahead:
 *
 *   value ─► candidates ─► a contest for each horizon ─► the forecast that counts ─► its band
 *                                     └─ what became of it ─► band, skill
 */
import type { Candidate, CreateCandidate, Series } from './candidate.ts'
import { Band, type Range } from './band.ts'
import { CANDIDATES } from './candidates.ts'
import { Contest, type Issued } from './contest.ts'
import { Skill } from './skill.ts'

export interface Forecast extends Partial<Range> {
  readonly horizonSteps: number
  readonly value: number
  /** The candidate that the value is most from. */
  readonly by: string
  readonly skill: number | undefined
  /** The skill has been proven: the forecast may act. */
  readonly isTrusted: boolean
}

/** Sees every forecast of every horizon, for comparison. */
export interface Watch {
  due (horizonSteps: number, value: number, issued: Issued, range: Range | undefined): void
  issued (horizonSteps: number, issued: Issued): void
}

const NAMES = Object.keys(CANDIDATES)

/** Names of what an issued row holds, in its order. */
export const ISSUED_NAMES: readonly string[] = [...NAMES, 'mixture', 'blend', 'bake-off']

interface Ahead {
  readonly steps: number
  readonly contest: Contest
  readonly band: Band
  readonly skill: Skill
  readonly forecasts: Float64Array
  forecast: Forecast | undefined
}

type Saved = Record<string, Record<string, unknown>> | undefined

/** Index of the forecast that counts in a row of issued ones. */
const COUNTED = ISSUED_NAMES.length - 1

export class Forecaster {
  readonly #candidates: readonly Candidate[]
  readonly #ahead: readonly Ahead[]
  #root = 0

  /** @param saved what `learned` was; whatever part of it is broken starts afresh */
  constructor (series: Series, saved?: unknown) {
    const { candidates, horizons } = (saved ?? {}) as { candidates?: Saved, horizons?: Saved }
    this.#candidates = NAMES.map((name) => (CANDIDATES[name] as CreateCandidate)(series, candidates?.[name]))
    this.#ahead = series.horizons.map((steps) => {
      const { contest, band, skill } = horizons?.[steps] ?? {}
      return {
        steps,
        contest: new Contest(steps, NAMES.length, contest),
        band: new Band(steps, band),
        skill: new Skill(steps, skill),
        forecasts: new Float64Array(NAMES.length),
        forecast: undefined
      }
    })
  }

  /** Everything learned, as JSON can hold it. It is live: write it down at once. */
  get learned (): object {
    return {
      candidates: Object.fromEntries(this.#candidates.map(({ learned }, index) => [NAMES[index], learned])),
      horizons: Object.fromEntries(this.#ahead.map(({ steps, contest, band, skill }) => (
        [steps, { contest: contest.learned, band: band.learned, skill: skill.learned }]
      )))
    }
  }

  /** The forecasts from the last step, one for each horizon. */
  get forecasts (): readonly Forecast[] {
    return this.#ahead.flatMap(({ forecast }) => forecast ?? [])
  }

  /**
   * Takes in the value of the next step, 0 or more; undefined when it is unknown, which is not 0: candidates then go
   * on with the last one, and nothing is scored.
   *
   * @param watch sees what fell due at this step, and what was issued
   */
  observe (value: number | undefined, watch?: Watch): void {
    this.#root = value === undefined ? this.#root : Math.sqrt(value)
    for (const candidate of this.#candidates) candidate.observe(this.#root)
    for (const ahead of this.#ahead) this.#next(ahead, value, watch)
  }

  #next (ahead: Ahead, value: number | undefined, watch: Watch | undefined): void {
    const { steps, contest, band, skill, forecasts } = ahead
    const due = contest.score(value)
    const range = band.observe(value)
    if (due !== undefined && value !== undefined) {
      skill.observe(Math.abs(value - (due[COUNTED] as number)), Math.abs(value - (due[0] as number)))
      watch?.due(steps, value, due, range)
    }
    for (let index = 0; index < forecasts.length; index++) {
      forecasts[index] = squareOf((this.#candidates[index] as Candidate).forecast(steps), this.#root)
    }
    const issued = contest.issue(forecasts)
    watch?.issued(steps, issued)
    const counted = issued[COUNTED] as number
    ahead.forecast = {
      horizonSteps: steps,
      value: counted,
      ...band.around(counted),
      by: ISSUED_NAMES[contest.leader] as string,
      skill: skill.value,
      isTrusted: skill.isEnough
    }
  }
}

/** Returns a forecast of counts; a candidate that lost its bearings says the same as persistence. */
function squareOf (root: number, last: number): number {
  return Number.isFinite(root) ? Math.max(0, root) ** 2 : last ** 2
}
