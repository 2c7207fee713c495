import { PRIORITY_CLASSES } from '../../services/admission/priority-class.ts'
import { byClass, type ByClass } from '../../services/control/wait.ts'
import { durationOf, totalOf, type Arrivals } from '../arrivals/arrivals.ts'
import type { ByClass as Mix } from '../classes.ts'

/** The offered load, in events per second. */
export interface Load {
  readonly mean: number
  /** The highest mean over a time of this length. */
  readonly secondPeak: number
  readonly minutePeak: number
  /** Shares of the classes. */
  readonly shares: ByClass
}

/** @param mix shares of the classes, if the arrivals do not tell */
export function loadOf (arrivals: Arrivals, mix: Mix): Load {
  return {
    mean: totalOf(arrivals.counts) / durationOf(arrivals) * 1_000,
    secondPeak: peakOver(1_000, arrivals),
    minutePeak: peakOver(60_000, arrivals),
    shares: sharesOf(arrivals, mix)
  }
}

/** The highest rate over a time that slides by one bin; no shorter than a bin, no longer than the arrivals. */
function peakOver (spanMs: number, { binMs, counts }: Arrivals): number {
  const bins = Math.min(counts.length, Math.max(1, Math.round(spanMs / binMs)))
  let [events, most] = [0, 0]
  for (const [bin, count] of counts.entries()) {
    events += count - (counts[bin - bins] ?? 0)
    if (bin >= bins - 1) most = Math.max(most, events)
  }
  return most / (bins * binMs) * 1_000
}

function sharesOf ({ recorded }: Arrivals, mix: Mix): ByClass {
  const events = recorded === undefined ? [...mix] : PRIORITY_CLASSES.map(() => 0)
  if (recorded !== undefined) {
    const { kinds, starts, kindOf, counts } = recorded
    for (let entry = starts[0] as number; entry < (starts.at(-1) as number); entry++) {
      events[kinds[kindOf[entry] as number]!.class]! += counts[entry] as number
    }
  }
  const all = events.reduce((sum, count) => sum + count, 0)
  return byClass((name) => events[PRIORITY_CLASSES.indexOf(name)]! / all)
}
