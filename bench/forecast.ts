/*
 * Judges the forecasts on a trace of arrivals: each candidate and the bake-off, at each horizon, on the part of the
 * trace that nothing was tuned on. The whole trace is followed from its start, as a service would. With --walks, it
 * counts how often the gate opens on random walks instead.
 *
 *   npm run bench:forecast -- --trace FILE [--column events] [--from 0.67] [--to 1] [--horizons 10,30,60]
 *     [--season 86400]
 *   npm run bench:forecast -- --walks 100
 */
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { evaluate, type HorizonResult } from './forecast/evaluate.ts'
import { silence } from './forecast/silence.ts'
import { readTrace } from './forecast/trace.ts'

const options = readOptions({
  trace: { type: 'string' },
  column: { type: 'string', default: 'events' },
  from: { type: 'string', default: '0.67' },
  to: { type: 'string', default: '1' },
  horizons: { type: 'string', default: '10,30,60' },
  season: { type: 'string' },
  walks: { type: 'string' }
}, (reader) => {
  const { values } = reader
  if (!values.trace && !values.walks) reader.problems.push('--trace: expected the path of a CSV file, plain or .gz, or --walks with a number; got neither')
  return {
    trace: values.trace ?? '',
    column: values.column,
    from: reader.number('from', values.from, { low: 0, high: 1 }),
    to: reader.number('to', values.to, { low: 0, high: 1 }),
    horizons: values.horizons.split(',')
      .map((text) => reader.number('horizons', text, { low: 1, high: 3_600, isWhole: true }))
      .toSorted((one, other) => one - other),
    walks: values.walks && reader.number('walks', values.walks, { low: 1, high: 10_000, isWhole: true }),
    seasonSteps: values.season && reader.number('season', values.season, { low: 2, high: 1e7, isWhole: true })
  }
})

if (options.walks) judgeSilence(options.walks)
else judgeTrace()

function judgeTrace (): void {
  const { values, stepSeconds } = readTrace(options.trace, options.column)
  const seasonSteps = options.seasonSteps || Math.round(86_400 / stepSeconds)
  const { horizons, nanosPerStep } = evaluate(values, { ...options, seasonSteps })
  const head = ['forecast', 'MAE', 'pinball', 'to persistence', 'to best']
  for (const horizon of horizons) {
    const { horizonSteps, steps, trusted, rows } = horizon
    const lines = rows.map(({ name, mae, pinball, toPersistence, toBest }) => (
      [name, ...[mae, pinball, toPersistence, toBest].map((figure) => figure.toFixed(3))]
    ))
    const title = `${horizonSteps} steps of ${stepSeconds} s ahead, ${steps} forecasts, trusted ${percent(trusted)}`
    process.stdout.write(`\n${title}\n${table(head, lines)}\n${verdictOf(horizon)}\n`)
  }
  process.stdout.write(`\n${nanosPerStep.toFixed(0)} ns for a step of all candidates and horizons\n`)
}

/** Holds the forecast that counts against the bars of the project. */
function verdictOf ({ coverage, rows }: HorizonResult): string {
  const { toPersistence, toBest } = rows.at(-1)!
  return [
    bar(toPersistence <= 1.01, `${percent(toPersistence - 1)} from persistence, at most 1 %`),
    bar(toBest <= 1.02, `${percent(toBest - 1)} from the best single candidate in hindsight, at most 2 %`),
    bar(coverage >= 0.87 && coverage <= 0.93, `the 90 % band holds ${percent(coverage)}, 87 to 93 %`)
  ].join('\n')
}

function bar (isMet: boolean, text: string): string {
  return `${isMet ? 'meets' : 'MISSES'}: ${text}`
}

function judgeSilence (walks: number): void {
  process.stdout.write(`${table(
    ['random walks', 'series', 'gate opened', 'share of steps'],
    silence(walks, options.horizons).map(({ walk, series, opened, openShare }) => (
      [walk, String(series), String(opened), percent(openShare)]
    ))
  )}\n`)
}

function percent (share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
