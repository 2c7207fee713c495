import type { BenchResult, RatioResult } from '../result.ts'
import { fixed, isFigure } from './number.ts'

/** Ratios that are known to have been reached, by scenario and by what they are of. */
export type Baseline = Record<string, Record<string, number>>

/** Relative change below which a ratio counts as the same: two runs of the same code differ by some percent. */
export const TOLERANCE = 0.1

const SIGNIFICANT_DIGITS = 3

/** What is told of a ratio, the worst first. */
const VERDICTS = ['worse', 'gone', 'better', 'changed', 'new'] as const
type Verdict = (typeof VERDICTS)[number]

/**
 * Compares the ratios of a run with a baseline and answers a line for each that is worse, better or new; one without a bar
 * has no better side and is only changed. Of scenarios that were not run nothing is said.
 *
 * @param toleranceOf relative change of this ratio that is noise
 */
export function compareWithBaseline (
  { scenarios }: BenchResult, baseline: Baseline, toleranceOf: (scenario: string, what: string) => number = () => TOLERANCE
): string[] {
  const findings = scenarios.flatMap(({ name, ratios }) => {
    const known = new Map(Object.entries(baseline[name] ?? {}))
    const measured = new Set(ratios.map(({ what }) => what))
    return [
      ...ratios.flatMap((ratio) => finding(name, ratio, known.get(ratio.what), toleranceOf(name, ratio.what))),
      ...[...known].filter(([what]) => !measured.has(what))
        .map(([what, before]) => ({ verdict: 'gone' as Verdict, text: `${name}, ${what}: not measured, ${fixed(before, 2)} before` }))
    ]
  })
  return findings.toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)).map(({ verdict, text }) => `${verdict}: ${text}`)
}

/** The baseline that a result makes, over what was known of scenarios that it did not run. */
export function baselineOf ({ scenarios }: BenchResult, previous: Baseline = {}): Baseline {
  return { ...previous, ...Object.fromEntries(scenarios.filter(({ ratios }) => ratios.length > 0).map(({ name, ratios }) => [
    name, Object.fromEntries(ratios.filter(({ value }) => isFigure(value)).map(({ what, value }) => [what, Number(value.toPrecision(SIGNIFICANT_DIGITS))]))
  ])) }
}

function finding (scenario: string, ratio: RatioResult, before: number | undefined, tolerance: number): { verdict: Verdict, text: string }[] {
  const { what, value } = ratio
  if (!isFigure(value)) return [{ verdict: 'gone', text: `${scenario}, ${what}: no figure${before === undefined ? '' : `, ${fixed(before, 2)} before`}` }]
  if (before === undefined) return [{ verdict: 'new', text: `${scenario}, ${what}: ${fixed(value, 2)}` }]
  const change = (value - before) / Math.abs(before)
  if (Number.isNaN(change) || Math.abs(change) <= tolerance) return []
  const percent = `${change > 0 ? '+' : ''}${fixed(change * 100, 0)} %`
  return [{ verdict: direction(ratio, change), text: `${scenario}, ${what}: ${fixed(value, 2)}, ${fixed(before, 2)} before (${percent})` }]
}

/** A bar with one side tells which side is better; one that bounds both, or none, does not. */
function direction ({ bar }: RatioResult, change: number): Verdict {
  const isMoreBetter = bar?.atLeast !== undefined
  const isLessBetter = bar?.atMost !== undefined
  if (isMoreBetter === isLessBetter) return 'changed'
  return isMoreBetter === change > 0 ? 'better' : 'worse'
}
