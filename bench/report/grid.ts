import type { RatioResult, ScenarioResult } from '../result.ts'
import { heading } from './metric.ts'
import { alike, isFigure, told } from './number.ts'

/** From this many metrics on, a table of a single subject is vertical. */
const MANY_METRICS = 8

/** The cells of a table, as text. */
export interface Grid {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Returns a row per subject and a column per accepted metric, in order of appearance, without metrics that are always
 * zero, such as failures. Many metrics of a single subject get a row each. Without metrics there are no rows.
 */
export function subjectGrid ({ subjects }: ScenarioResult, accepts: (metric: string) => boolean = () => true): Grid {
  const metrics = [...new Set(subjects.flatMap(({ median }) => Object.keys(median)))]
    .filter((metric) =>
      accepts(metric) && subjects.some(({ median }) => median[metric] !== undefined && median[metric] !== 0)
    )
  const [only, ...others] = subjects
  if (only !== undefined && others.length === 0 && metrics.length >= MANY_METRICS) {
    return {
      head: ['metric', only.name],
      rows: metrics.map((metric) => [heading(metric), ...alike([only.median[metric]])])
    }
  }
  const columns = metrics.map((metric) => alike(subjects.map(({ median }) => median[metric])))
  return {
    head: ['subject', ...metrics.map(heading)],
    rows: metrics.length === 0
      ? []
      : subjects.map(({ name }, row) => [name, ...columns.map((column) => column[row] as string)])
  }
}

/** Returns a row per ratio: its description, its median with its bar, and the least and most of all rounds. */
export function ratioGrid (ratios: readonly RatioResult[]): Grid {
  return {
    head: ['what', 'of', 'metric', 'median', 'bar', 'verdict', 'rounds'],
    rows: ratios.map((
      ratio
    ) => [
      ratio.what,
      made(ratio),
      heading(ratio.metric),
      told(ratio.value),
      barText(ratio),
      verdict(ratio),
      spread(ratio)
    ])
  }
}

/** Whether a ratio reaches its bar; undefined without one. */
function reaches ({ value, bar, isReached }: RatioResult): boolean | undefined {
  if (bar === undefined) return undefined
  return isReached ?? (value >= (bar.atLeast ?? -Infinity) && value <= (bar.atMost ?? Infinity))
}

/** Says in a sentence how many bars there are and how many are reached; empty without bars. */
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
