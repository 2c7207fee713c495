import type { RatioResult, ScenarioResult } from '../result.ts'
import { heading } from './metric.ts'
import { alike, isFigure, told } from './number.ts'

/** From this many metrics on a single subject reads better down than across. */
const MANY_METRICS = 8

/** The cells of a table, as text. */
export interface Grid {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * A row per subject, a column per metric that any of them has and that is accepted, in the order in which they are met;
 * what is zero throughout, such as failures, is left out. Many metrics of a single subject are a row each. Without any metric
 * there is no row.
 */
export function subjectGrid ({ subjects }: ScenarioResult, accepts: (metric: string) => boolean = () => true): Grid {
  const metrics = [...new Set(subjects.flatMap(({ median }) => Object.keys(median)))]
    .filter((metric) => accepts(metric) && subjects.some(({ median }) => median[metric] !== undefined && median[metric] !== 0))
  const [only, ...others] = subjects
  if (only !== undefined && others.length === 0 && metrics.length >= MANY_METRICS) {
    return { head: ['metric', only.name], rows: metrics.map((metric) => [heading(metric), ...alike([only.median[metric]])]) }
  }
  const columns = metrics.map((metric) => alike(subjects.map(({ median }) => median[metric])))
  return {
    head: ['subject', ...metrics.map(heading)],
    rows: metrics.length === 0 ? [] : subjects.map(({ name }, row) => [name, ...columns.map((column) => column[row] as string)])
  }
}

/** A row per ratio: what it is made of, its median with the bar it has to reach, and the least and most of any round. */
export function ratioGrid (ratios: readonly RatioResult[]): Grid {
  return {
    head: ['what', 'of', 'metric', 'median', 'bar', 'verdict', 'rounds'],
    rows: ratios.map((ratio) => [ratio.what, made(ratio), heading(ratio.metric), told(ratio.value), barText(ratio), verdict(ratio), spread(ratio)])
  }
}

/** Whether a ratio reaches its bar; undefined where it has none. */
function reaches ({ value, bar, isReached }: RatioResult): boolean | undefined {
  if (bar === undefined) return undefined
  return isReached ?? (value >= (bar.atLeast ?? -Infinity) && value <= (bar.atMost ?? Infinity))
}

/** How many bars there are, and how many of them are reached, as a sentence; none where there is no bar. */
export function barCount (ratios: readonly RatioResult[]): string[] {
  const bars = ratios.map(reaches).filter((isReached) => isReached !== undefined)
  return bars.length === 0 ? [] : [`${bars.filter(Boolean).length} of ${bars.length} bars reached`]
}

function made ({ kind = 'quotient', of, to }: RatioResult): string {
  switch (kind) {
    case 'quotient': return `${of} / ${to}`
    case 'difference': return `${of} − ${to}`
    case 'value': return of
  }
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
    bar?.atLeast === undefined ? [] : `≥ ${told(bar.atLeast)}`,
    bar?.atMost === undefined ? [] : `≤ ${told(bar.atMost)}`
  ].flat().join(', ')
}

function spread ({ perRound }: RatioResult): string {
  const figures = perRound.filter(isFigure)
  return figures.length === 0 ? '' : `${told(Math.min(...figures))} to ${told(Math.max(...figures))}`
}
