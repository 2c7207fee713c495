import type { RatioResult, ScenarioResult } from '../result.ts'
import { heading } from './metric.ts'
import { alike, fixed, isFigure, NO_FIGURE } from './number.ts'

const RATIO_DECIMALS = 2

/** The cells of a table, as text. */
export interface Grid {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A row per subject, a column per metric that any of them has and that is accepted, in the order in which they are met. */
export function subjectGrid ({ subjects }: ScenarioResult, accepts: (metric: string) => boolean = () => true): Grid {
  const metrics = [...new Set(subjects.flatMap(({ median }) => Object.keys(median)))].filter(accepts)
  const columns = metrics.map((metric) => alike(subjects.map(({ median }) => median[metric])))
  return {
    head: ['subject', ...metrics.map(heading)],
    rows: subjects.map(({ name }, row) => [name, ...columns.map((column) => column[row] as string)])
  }
}

/** A row per ratio: what it divides, its median with the bar it has to reach, and the least and most of any round. */
export function ratioGrid (ratios: readonly RatioResult[]): Grid {
  return {
    head: ['ratio', 'of', 'to', 'metric', 'median', 'bar', 'verdict', 'rounds'],
    rows: ratios.map((ratio) => [
      ratio.what, ratio.of, ratio.to, heading(ratio.metric), ratioText(ratio.value), barText(ratio), verdict(ratio), spread(ratio)
    ])
  }
}

/** Whether a ratio reaches its bar; undefined where it has none. */
export function reaches ({ value, bar, isReached }: RatioResult): boolean | undefined {
  if (bar === undefined) return undefined
  return isReached ?? (value >= (bar.atLeast ?? -Infinity) && value <= (bar.atMost ?? Infinity))
}

function verdict (ratio: RatioResult): string {
  switch (reaches(ratio)) {
    case true: return 'reached'
    case false: return 'not reached'
    case undefined: return ''
  }
}

function barText ({ bar }: RatioResult): string {
  return [
    bar?.atLeast === undefined ? [] : `≥ ${ratioText(bar.atLeast)}`,
    bar?.atMost === undefined ? [] : `≤ ${ratioText(bar.atMost)}`
  ].flat().join(', ')
}

function spread ({ perRound }: RatioResult): string {
  const figures = perRound.filter(isFigure)
  return figures.length === 0 ? '' : `${ratioText(Math.min(...figures))} to ${ratioText(Math.max(...figures))}`
}

function ratioText (value: number): string {
  return isFigure(value) ? fixed(value, RATIO_DECIMALS) : NO_FIGURE
}
