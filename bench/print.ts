import type { Bar, RatioResult, Sample, ScenarioResult } from './result.ts'

const SUBJECT_WIDTH = 28

/** A line for each subject with its medians, one for each ratio, and the notes. */
export function printScenario ({ name, title, subjects, ratios, notes = [] }: ScenarioResult): string {
  return [
    `\n${name}: ${title}`,
    ...subjects.map((subject) => `  ${subject.name.padEnd(SUBJECT_WIDTH)} ${figures(subject.median)}`),
    ...ratios.map((ratio) => `  ${ratioLine(ratio)}`),
    ...notes.map((note) => `  note: ${note}`)
  ].join('\n')
}

/** All figures of a sample in one line, those that are zero left out. */
export function figures (sample: Sample): string {
  return Object.entries(sample).filter(([, value]) => value !== 0).map(([metric, value]) => `${metric} ${short(value)}`).join('  ')
}

function ratioLine ({ what, value, perRound, bar, isReached }: RatioResult): string {
  const verdict = bar === undefined ? '' : `  ${isReached ? 'reached' : 'NOT REACHED'} (${barText(bar)})`
  return `${what}: ${short(value)} [${perRound.map(short).join(', ')}]${verdict}`
}

function barText ({ atLeast, atMost }: Bar): string {
  return [atLeast === undefined ? [] : `at least ${atLeast}`, atMost === undefined ? [] : `at most ${atMost}`].flat().join(', ')
}

/** Three digits that count. */
function short (value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
