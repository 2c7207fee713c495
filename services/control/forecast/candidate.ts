/*
 * A candidate forecasts one series. The series is seen through a square root: counts of independent events then vary
 * by the same amount whatever their level, a quiet night and a loud noon weigh alike, and the square of a median is a
 * median.
 */

/** The series that a candidate follows. */
export interface Series {
  /** Steps ahead at which a forecast is asked for, ascending. */
  readonly horizons: readonly number[]
  /** Steps of the long season, as a rule those of a day. */
  readonly seasonSteps: number
  /** Number of the next step on a clock that a restart does not reset; it is the phase of seasons. */
  readonly firstStep: number
}

export interface Candidate {
  /** Takes in the value of the next step. */
  observe (value: number): void
  /** Returns the value so many steps after the last one, one of the horizons of the series. */
  forecast (steps: number): number
  /** Everything learned, as JSON can hold it. It is live: write it down at once. */
  readonly learned: object
}

/** @param saved what `learned` was, or anything else, with which it starts afresh */
export type CreateCandidate = (series: Series, saved?: unknown) => Candidate
