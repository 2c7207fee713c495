/*
 * What one admission decision takes, in nanoseconds: by the controller, by the gate that also counts it, and by the gate with
 * ten thousand organizations coming round in turn; admitted and refused apart.
 *
 *   offers, one after the other ──► decide x 32 ──► time / 32 ──► p50, p99 over all groups
 *                                       ▲
 *                                       └── a new reading of the queue now and then, untimed
 *
 * A group evens out what is shorter than itself, such as one cache miss, and shows what is longer: a collection of garbage
 * or a switch of the processor counts with a thirty-second of its length.
 */
import { decisionKinds, type Kind } from './decision/kinds.ts'
import { quantile, timeGroups } from './decision/timing.ts'
import { fixed } from './report/number.ts'
import type { Sample } from './result.ts'
import { print } from './service.ts'

/** A decision is to take less than this at p99. */
export const DECISION_BAR_NANOS = 2_000

const GROUPS = 20_000
const WARM_UP_GROUPS = 5_000
const GROUPS_PER_SAMPLE = 50

/**
 * Measures every kind of decision: `gateAdmittedP99Nanos` and so on, and as `p99Nanos` the largest p99 of all, which is to
 * stay below the bar.
 *
 * @param groups timed per kind, of 32 decisions each
 */
export async function measureDecisions (groups = GROUPS): Promise<Sample> {
  const kinds = await decisionKinds()
  // All warm up before any is timed: in a service one code serves them all, too.
  for (const kind of kinds) timesOf(kind, Math.min(groups, WARM_UP_GROUPS))
  const figures = kinds.map((kind) => {
    const times = timesOf(kind, groups)
    if (kind.strays() > 0) throw new Error(`${kind.name}: ${kind.strays()} decisions came out otherwise`)
    return { name: kind.name, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
  })
  return Object.fromEntries([
    ...figures.flatMap(({ name, p50, p99 }) => [[`${name}P50Nanos`, p50], [`${name}P99Nanos`, p99]] as const),
    ['p99Nanos', Math.max(...figures.map(({ p99 }) => p99))] as const
  ])
}

function timesOf ({ decide, sample }: Kind, groups: number): Float64Array {
  let untilSample = GROUPS_PER_SAMPLE
  return timeGroups(groups, decide, () => {
    if (--untilSample > 0) return
    untilSample = GROUPS_PER_SAMPLE
    sample()
  })
}

if (import.meta.main) {
  const { p99Nanos = NaN, ...figures } = await measureDecisions()
  for (const [metric, nanos] of Object.entries(figures)) print(metric, fixed(nanos, 0))
  print(`largest p99, to be below ${fixed(DECISION_BAR_NANOS, 0)}`, `${fixed(p99Nanos, 0)}: ${p99Nanos < DECISION_BAR_NANOS ? 'reached' : 'not reached'}`)
}
