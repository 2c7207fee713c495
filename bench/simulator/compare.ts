import { PRIORITY_CLASSES } from '../../services/admission/priority-class.ts'
import { table } from '../../rig/table.ts'
import type { RealCourse } from './real.ts'
import type { RunFigures } from './run-record.ts'
import { THRESHOLDS } from './scenarios.ts'
import type { Course } from './simulated.ts'

/** A run of the service beside one of the simulator. */
export interface Comparison {
  readonly scenario: string
  readonly subject: string
  readonly real: RealCourse
  readonly simulated: Course
}

/** Mean difference of the depths, step by step, as a share of the critical threshold. */
export function depthDifference ({ real, simulated }: Comparison): number {
  const steps = Math.min(real.depths.length, simulated.depths.length)
  let total = 0
  for (let step = 0; step < steps; step++) {
    total += Math.abs((real.depths[step] as number) - (simulated.depths[step] as number))
  }
  return total / steps / THRESHOLDS.critical
}

interface Line {
  readonly name: string
  readonly of: (figures: RunFigures) => number
  readonly digits: number
}

const percent = (share: number) => share * 100

const LINES: readonly Line[] = [
  { name: 'depth, mean', of: ({ meanDepth }) => meanDepth, digits: 0 },
  { name: 'depth, highest', of: ({ highestDepth }) => highestDepth, digits: 0 },
  ...PRIORITY_CLASSES.flatMap((name): Line[] => [
    { name: `admitted of ${name}, %`, of: ({ admitted }) => percent(admitted[name]), digits: 1 },
    { name: `wait of ${name}, p50 ms`, of: ({ waitMs }) => waitMs[name].p50, digits: 0 },
    { name: `wait of ${name}, p99 ms`, of: ({ waitMs }) => waitMs[name].p99, digits: 0 }
  ]),
  { name: 'sampled out of low, %', of: ({ sampled }) => percent(sampled.low), digits: 1 },
  { name: 'steps of the circuit', of: ({ flips }) => flips, digits: 0 },
  { name: 'Retry-After, median s', of: ({ retryAfterSeconds }) => retryAfterSeconds, digits: 0 },
  { name: 'offers per event', of: ({ offersPerEvent }) => offersPerEvent, digits: 2 }
]

const text = (value: number, digits: number) => Number.isNaN(value) ? '-' : value.toFixed(digits)

/** Lays a run out for a terminal. */
export function compareRuns (comparison: Comparison): string {
  const { real, simulated } = comparison
  const rows = LINES.map(({ name, of, digits }) => {
    const [one, other] = [of(real.figures), of(simulated.figures)]
    return [name, text(one, digits), text(other, digits), text(other - one, digits)]
  })
  const difference = percent(depthDifference(comparison)).toFixed(1)
  const { eventsPerCall, delayMs, pauses } = real.rig
  const pausedMs = pauses.reduce((sum, { forMs }) => sum + forMs, 0)
  return `${table(['', 'service', 'simulator', 'difference'], rows)}
the depths differ by ${difference} % of the critical threshold in the mean
${eventsPerCall.toFixed(2)} events in a call to the consumer
${pauses.length} pauses of the machine, ${pausedMs.toFixed(0)} ms; delay of the bench ${delayMs.toFixed(0)} ms`
}

/** The figures by which one subject is compared with another. */
const JUDGED: readonly Line[] = [
  { name: 'mean depth', of: ({ meanDepth }) => meanDepth, digits: 0 },
  { name: 'p99 wait of normal, ms', of: ({ waitMs }) => waitMs.normal.p99, digits: 0 },
  { name: 'admitted of normal, %', of: ({ admitted }) => percent(admitted.normal), digits: 1 },
  { name: 'steps of the circuit', of: ({ flips }) => flips, digits: 0 }
]

/** Says for each scenario whether the second subject changes the figures in the same direction in both. */
export function verdicts (comparisons: readonly Comparison[]): string {
  const rows = [...Map.groupBy(comparisons, ({ scenario }) => scenario)].flatMap(([scenario, [first, ...others]]) =>
    others.flatMap((other) => JUDGED.map(({ name, of, digits }) => {
      const changes = (['real', 'simulated'] as const).map((side) => of(other[side].figures) - of(first![side].figures))
      const [service, simulator] = changes as [number, number]
      return [
        scenario, `${other.subject} against ${first!.subject}`, name, text(service, digits), text(simulator, digits),
        Math.sign(service) === Math.sign(simulator) ? 'yes' : 'no'
      ]
    })))
  return table(['scenario', 'subjects', 'change of', 'service', 'simulator', 'same direction'], rows)
}
