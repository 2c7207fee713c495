import type { ScenarioResult, SubjectResult } from '../result.ts'
import { heading } from './metric.ts'
import { plotSvg, type Plot } from './plot.ts'
import type { Point, Series } from './plot/series.ts'

/** A subject at one value of what grows: `spillway@1000`. */
const AT = /^spillway@(\d+(?:\.\d+)?)$/

/** From this factor between least and most value on, the axis is logarithmic. */
const LOG_FACTOR = 20

/** Series with the same colour and marker in every plot. */
const LOOKS = ['server', 'redis', 'worker']

/** The plots of a growth scenario: the end of the file name, the heading, and the metrics. */
const KINDS = [
  { file: 'cpu', what: 'CPU per event', yLabel: 'CPU per event, µs', metric: /^(?!load)(\w+)MicrosPerEvent$/ },
  { file: 'latency', what: 'Latency', yLabel: 'time to the answer, ms', metric: /^(p\d+)Ms$/ }
] as const

/**
 * Plots of a scenario that measures the service at several values of one thing: text of an SVG file by its name, such
 * as `growth-connections-cpu.svg`. Whiskers span the rounds.
 */
export function growthPlots (scenario: ScenarioResult): Map<string, string> {
  return new Map(growths(scenario).map(([file, plot]) => [file, plotSvg(plot)]))
}

/** Returns the plots as data. */
export function growths ({ name, grows: xLabel, subjects }: ScenarioResult): [file: string, plot: Plot][] {
  const steps = subjects.flatMap(stepOf)
  if (xLabel === undefined || steps.length < 2) return []
  const xs = steps.map(({ x }) => x)
  const xScale = Math.max(...xs) >= LOG_FACTOR * Math.min(...xs.filter((x) => x > 0))
    ? 'log' as const
    : 'linear' as const
  return KINDS.flatMap(({ file, what, yLabel, metric }) => {
    const series = seriesOf(steps, metric)
    return series.length === 0
      ? []
      : [
        [`growth-${name}-${file}.svg`, { title: `${what} by ${xLabel}`, xLabel, yLabel, xScale, series }] as [
          string,
          Plot
        ]
      ]
  })
}

interface Step {
  readonly x: number
  readonly subject: SubjectResult
}

function stepOf (subject: SubjectResult): Step[] {
  const [, x] = AT.exec(subject.name) ?? []
  return x === undefined ? [] : [{ x: Number(x), subject }]
}

function seriesOf (steps: readonly Step[], pattern: RegExp): Series[] {
  const metrics =
    new Set(steps.flatMap(({ subject }) => Object.keys(subject.median)).filter((metric) => pattern.test(metric)))
  return [...metrics].map((metric, index) => {
    const name = heading(pattern.exec(metric)?.[1] ?? metric)
    return {
      name,
      look: LOOKS.includes(name) ? LOOKS.indexOf(name) : index,
      points: steps.flatMap((step) => pointOf(step, metric))
    }
  })
}

function pointOf ({ x, subject: { median, samples } }: Step, metric: string): Point[] {
  const y = median[metric]
  if (y === undefined) return []
  const rounds = samples.flatMap((sample) => sample[metric] ?? [])
  return [rounds.length < 2 ? { x, y } : { x, y, least: Math.min(...rounds), most: Math.max(...rounds) }]
}
