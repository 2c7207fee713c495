/*
 * Judges the forecasts on a trace of arrivals: each candidate and the bake-off, at each horizon, on the part of the
 * trace that nothing was tuned on. The whole trace is followed from its start, as a service would.
 *
 *   npm run bench:forecast -- --trace FILE [--column events] [--from 0.67] [--to 1] [--horizons 10,30,60]
 *     [--season 86400]
 */
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { evaluate } from './forecast/evaluate.ts'
import { readTrace } from './forecast/trace.ts'

const options = readOptions({
  trace: { type: 'string' },
  column: { type: 'string', default: 'events' },
  from: { type: 'string', default: '0.67' },
  to: { type: 'string', default: '1' },
  horizons: { type: 'string', default: '10,30,60' },
  season: { type: 'string' }
}, (reader) => {
  const { values } = reader
  if (!values.trace) reader.problems.push('--trace: expected the path of a CSV file, plain or .gz, got nothing')
  return {
    trace: values.trace ?? '',
    column: values.column,
    from: reader.number('from', values.from, { low: 0, high: 1 }),
    to: reader.number('to', values.to, { low: 0, high: 1 }),
    horizons: values.horizons.split(',')
      .map((text) => reader.number('horizons', text, { low: 1, high: 3_600, isWhole: true }))
      .toSorted((one, other) => one - other),
    seasonSteps: values.season && reader.number('season', values.season, { low: 2, high: 1e7, isWhole: true })
  }
})

const { values, stepSeconds } = readTrace(options.trace, options.column)
const seasonSteps = options.seasonSteps || Math.round(86_400 / stepSeconds)
const { horizons, nanosPerStep } = evaluate(values, { ...options, seasonSteps })
const HEAD = ['forecast', 'MAE', 'pinball', 'to persistence', 'to best']
for (const { horizonSteps, steps, coverage, trusted, rows } of horizons) {
  const held = `the 90 % band holds ${(100 * coverage).toFixed(1)} %, trusted ${(100 * trusted).toFixed(0)} %`
  const lines = rows.map(({ name, mae, pinball, toPersistence, toBest }) => (
    [name, ...[mae, pinball, toPersistence, toBest].map((figure) => figure.toFixed(3))]
  ))
  process.stdout.write(`\n${horizonSteps} steps of ${stepSeconds} s ahead, ${steps} forecasts, ${held}\n${table(HEAD, lines)}\n`)
}
process.stdout.write(`\n${nanosPerStep.toFixed(0)} ns for a step of all candidates and horizons\n`)
