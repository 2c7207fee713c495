import type { BenchResult, RatioResult } from '../result.ts'
import { betterSide, isSpeed } from './metric.ts'
import { fixed, isFigure, told } from './number.ts'

/** Ratios of an earlier run, by scenario and description. */
export type Baseline = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Relative change below which a ratio counts as unchanged: runs of the same code differ by some percent, short runs by
 * more.
 */
export const TOLERANCE = 0.1
export const QUICK_TOLERANCE = 0.2

const SIGNIFICANT_DIGITS = 3

/** The verdicts on a ratio, the worst first. */
const VERDICTS = ['worse', 'gone', 'better', 'changed', 'new'] as const
type Verdict = (typeof VERDICTS)[number]

interface Finding {
  readonly verdict: Verdict
  readonly text: string
}

/**
 * Compares the ratios of a run with a baseline and returns a line for each that is worse, better or new. If neither bar
 * nor metric defines the better side, a ratio is only changed. Scenarios that did not run are skipped; for scenarios
 * that the baseline lacks there is only the number of ratios. Times and rates depend on the machine and are not
 * compared.
 *
 * @param tolerance relative change that is noise
 */
export function compareWithBaseline ({ scenarios }: BenchResult, baseline: Baseline, tolerance = TOLERANCE): string[] {
  const findings = scenarios.flatMap(({ name, ratios: all }): Finding[] => {
    const ratios = all.filter(isPortable)
    if (!Object.hasOwn(baseline, name))
      return ratios.length === 0
        ? []
        : [{ verdict: 'new', text: `${name}, ratios: ${ratios.length}` }]
    const known = new Map(Object.entries(baseline[name] ?? {}))
    const measured = new Set(ratios.map(({ what }) => what))
    return [
      ...ratios.flatMap((ratio) => finding(name, ratio, known.get(ratio.what), tolerance)),
      ...[...known].filter(([what]) => !measured.has(what))
        .map(([what, before]) => ({
          verdict: 'gone' as Verdict,
          text: `${name}, ${what}: not measured, ${told(before)} before`
        }))
    ]
  })
  return findings.toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)).map((
    { verdict, text }
  ) => `${verdict}: ${text}`)
}

/** The same as a paragraph. */
export function comparison (lines: readonly string[], tolerance: number): string {
  return [
    `Compared with bench/baseline.json, changes beyond ${tolerance * 100} %:`,
    ...lines.length === 0 ? ['none'] : lines
  ].join('\n')
}

/** Makes a baseline from a result, and keeps the earlier ratios of scenarios that did not run. */
export function baselineOf ({ scenarios }: BenchResult, previous: Baseline = {}): Baseline {
  const found = scenarios.map(({ name, ratios }) => ({
    name,
    ratios: ratios.filter((ratio) => isPortable(ratio) && isFigure(ratio.value))
  }))
  return {
    ...previous,
    ...Object.fromEntries(found.filter(({ ratios }) => ratios.length > 0).map(({ name, ratios }) => [
      name,
      Object.fromEntries(ratios.map(({ what, value }) => [what, Number(value.toPrecision(SIGNIFICANT_DIGITS))]))
    ]))
  }
}

function finding (scenario: string, ratio: RatioResult, before: number | undefined, tolerance: number): Finding[] {
  const { what, value } = ratio
  if (!isFigure(value))
    return [{
      verdict: 'gone',
      text: `${scenario}, ${what}: no figure${before === undefined ? '' : `, ${told(before)} before`}`
    }]
  if (before === undefined) return [{ verdict: 'new', text: `${scenario}, ${what}: ${told(value)}` }]
  const change = (value - before) / Math.abs(before)
  if (Number.isNaN(change) || Math.abs(change) <= tolerance) return []
  const percent = `${change > 0 ? '+' : ''}${fixed(change * 100, 0)} %`
  return [{
    verdict: direction(ratio, change),
    text: `${scenario}, ${what}: ${told(value)}, ${told(before)} before (${percent})`
  }]
}

/** Whether a figure is comparable between machines: a quotient, or a figure that is neither a time nor a rate. */
function isPortable ({ kind = 'quotient', metric }: RatioResult): boolean {
  return kind === 'quotient' || !isSpeed(metric)
}

/** Returns the better side, from a one-sided bar or from the metric. */
function direction ({ bar, metric }: RatioResult, change: number): Verdict {
  const isMoreBetter = bar?.atLeast !== undefined
  const isLessBetter = bar?.atMost !== undefined
  if (isMoreBetter && isLessBetter) return 'changed'
  const side = isMoreBetter ? 'more' : isLessBetter ? 'less' : betterSide(metric)
  if (side === undefined) return 'changed'
  return (side === 'more') === change > 0 ? 'better' : 'worse'
}
