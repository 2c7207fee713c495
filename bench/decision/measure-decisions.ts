/*
 * Measures one admission decision, in nanoseconds: by the controller, by the gate, which also counts it, by the gate
 * with a shadow, which decides and counts once more, and by the gate with ten thousand organizations that take turns;
 * admitted and refused separately.
 *
 *   offers, one after the other ──► decide x 32 ──► time / 32 ──► p50: what a decision costs
 *                              └──► decide x 1  ──► time      ──► p99, p99.9: what the slowest of them take
 *
 * A reading of the clock takes about as long as a decision, so the cost is measured on groups. A group hides the slow
 * decisions in it, so the high quantiles are those of decisions timed alone, including the clock.
 *
 * High quantiles are those of the memory of a machine as much as those of the code: on a virtual machine the p99 of one
 * look-up may be seven times its median. So a look-up is measured like a decision, and the slowest kind of decision is
 * compared with it.
 */
import type { Sample } from '../result.ts'
import { decisionKinds, lookUpKind, type Kind } from './kinds.ts'
import { quantiles, timeGroups } from './timing.ts'

const GROUPS = 20_000
const GROUP_SIZE = 32
/** Groups for the warm-up, and decisions timed alone, for each timed group. */
const WARM_UP_SHARE = 0.25
const ALONE_PER_GROUP = 10
/** The interval of untimed readings of the queue, in groups. */
const DECISIONS_PER_SAMPLE = 1_600

/**
 * Measures every kind of decision: `gateAdmittedP50Nanos` and so on, `largestP99Nanos`, the largest p99 of all, which
 * has to stay below the bar, and `largestP99ToLookUp`, its ratio to the p99 of a look-up.
 *
 * @param isRecording whether arrivals are recorded too
 * @param groups timed per kind, of 32 decisions each
 */
export async function measureDecisions (isRecording: boolean, groups = GROUPS): Promise<Sample> {
  const kinds = [lookUpKind(), ...await decisionKinds(isRecording)]
  // All kinds warm up before any is timed, since in a service they share the same compiled code.
  for (const kind of kinds) timesOf(kind, Math.ceil(groups * WARM_UP_SHARE), GROUP_SIZE)
  const figures = kinds.map((kind) => {
    const [p50] = quantiles(timesOf(kind, groups, GROUP_SIZE), 0.5) as [number]
    const [p99, p999] = quantiles(timesOf(kind, groups * ALONE_PER_GROUP, 1), 0.99, 0.999) as [number, number]
    if (kind.strays() > 0) throw new Error(`${kind.name}: ${kind.strays()} decisions came out otherwise`)
    return { name: kind.name, p50, p99, p999 }
  })
  const [lookUp, ...decisions] = figures as [typeof figures[number], ...typeof figures]
  const largest = Math.max(...decisions.map(({ p99 }) => p99))
  return Object.fromEntries([
    ...figures.flatMap(({ name, p50, p99, p999 }) =>
      [[`${name}P50Nanos`, p50], [`${name}P99Nanos`, p99], [`${name}P999Nanos`, p999]] as const
    ),
    ['largestP99Nanos', largest] as const,
    ['largestP99ToLookUp', largest / lookUp.p99] as const
  ])
}

function timesOf ({ decide, sample }: Kind, groups: number, size: number): Float64Array {
  let untilSample = DECISIONS_PER_SAMPLE
  return timeGroups(groups, size, decide, () => {
    untilSample -= size
    if (untilSample > 0) return
    untilSample = DECISIONS_PER_SAMPLE
    sample()
  })
}
