import type { BenchResult, RatioResult } from '../result.ts'
import { betterSide, isSpeed } from './metric.ts'
import { fixed, isFigure, told } from './number.ts'

/** Ratios that are known to have been reached, by scenario and by what they are of. */
export type Baseline = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Relative change below which a ratio counts as the same: two runs of the same code differ by some percent, short ones by more. */
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
 * Compares the ratios of a run with a baseline and answers a line for each that is worse, better or new; one of which neither
 * bar nor metric tells the better side is only changed. Scenarios that were not run are left out; for those that the
 * baseline does not know there is only the number of their ratios. Plain times and rates belong to a machine and are
 * not compared.
 *
 * @param tolerance relative change that is noise
 */
export function compareWithBaseline ({ scenarios }: BenchResult, baseline: Baseline, tolerance = TOLERANCE): string[] {
  const findings = scenarios.flatMap(({ name, ratios: all }): Finding[] => {
    const ratios = all.filter(isPortable)
    if (!Object.hasOwn(baseline, name)) return ratios.length === 0 ? [] : [{ verdict: 'new', text: `${name}, ratios: ${ratios.length}` }]
    const known = new Map(Object.entries(baseline[name] ?? {}))
    const measured = new Set(ratios.map(({ what }) => what))
    return [
      ...ratios.flatMap((ratio) => finding(name, ratio, known.get(ratio.what), tolerance)),
      ...[...known].filter(([what]) => !measured.has(what))
        .map(([what, before]) => ({ verdict: 'gone' as Verdict, text: `${name}, ${what}: not measured, ${told(before)} before` }))
    ]
  })
  return findings.toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)).map(({ verdict, text }) => `${verdict}: ${text}`)
}

/** The same as a paragraph. */
export function comparison (lines: readonly string[], tolerance: number): string {
  return [`Compared with bench/baseline.json, changes beyond ${tolerance * 100} %:`, ...lines.length === 0 ? ['none'] : lines].join('\n')
}

/** The baseline that a result makes, over what was known of scenarios that it did not run. */
export function baselineOf ({ scenarios }: BenchResult, previous: Baseline = {}): Baseline {
  const found = scenarios.map(({ name, ratios }) => ({ name, ratios: ratios.filter((ratio) => isPortable(ratio) && isFigure(ratio.value)) }))
  return { ...previous, ...Object.fromEntries(found.filter(({ ratios }) => ratios.length > 0).map(({ name, ratios }) => [
    name, Object.fromEntries(ratios.map(({ what, value }) => [what, Number(value.toPrecision(SIGNIFICANT_DIGITS))]))
  ])) }
}

function finding (scenario: string, ratio: RatioResult, before: number | undefined, tolerance: number): Finding[] {
  const { what, value } = ratio
  if (!isFigure(value)) return [{ verdict: 'gone', text: `${scenario}, ${what}: no figure${before === undefined ? '' : `, ${told(before)} before`}` }]
  if (before === undefined) return [{ verdict: 'new', text: `${scenario}, ${what}: ${told(value)}` }]
  const change = (value - before) / Math.abs(before)
  if (Number.isNaN(change) || Math.abs(change) <= tolerance) return []
  const percent = `${change > 0 ? '+' : ''}${fixed(change * 100, 0)} %`
  return [{ verdict: direction(ratio, change), text: `${scenario}, ${what}: ${told(value)}, ${told(before)} before (${percent})` }]
}

/** Whether a figure means the same on another machine: a quotient does, and of single figures those that are neither times nor rates. */
function isPortable ({ kind = 'quotient', metric }: RatioResult): boolean {
  return kind === 'quotient' || !isSpeed(metric)
}

/** A bar with one side tells which side is better; where it does not the metric may. */
function direction ({ bar, metric }: RatioResult, change: number): Verdict {
  const isMoreBetter = bar?.atLeast !== undefined
  const isLessBetter = bar?.atMost !== undefined
  if (isMoreBetter && isLessBetter) return 'changed'
  const side = isMoreBetter ? 'more' : isLessBetter ? 'less' : betterSide(metric)
  if (side === undefined) return 'changed'
  return (side === 'more') === change > 0 ? 'better' : 'worse'
}
