/*
 * The capacity of the workers of a recording. While more waits than is in work, workers do what they can: the finished
 * events are their capacity, in spans of ten seconds. Between such spans the mean of them holds. A recording without a
 * backlog has the estimate of production, which infers it from the share of slots in use.
 */
import { Capacity, hasBacklog, type WorkSample } from '../../services/control/capacity.ts'
import { areSlotsFull } from '../../services/control/worker-rate.ts'
import { meanOfNumbers } from '../measure/mean.ts'
import type { SpeedChange } from '../world/capacity.ts'

const SPAN_MS = 10_000
/** Samples further apart belong to different spans: nobody saw what was between them. */
const LONGEST_STEP_MS = 5_000
/** A smaller change of the speed is chance. */
const LEAST_CHANGE = 0.1

export interface MeasuredCapacity {
  /** Events per second, the mean over the time in which it is known. */
  readonly perSecond: number
  /** Whether a backlog has shown it; otherwise it is inferred from the share of slots in use. */
  readonly isMeasured: boolean
  /** Multiples of that mean over time; 0 while work was paused or the consumer held it up. */
  readonly changes: readonly SpeedChange[]
  /** Events in work at once while no slot was free; undefined if one always was. */
  readonly eventsAtOnce: number | undefined
}

interface Span {
  readonly from: WorkSample
  to: WorkSample
}

/**
 * @param from milliseconds since the epoch at the beginning of the run
 * @returns undefined if the samples are no evidence of any capacity
 */
export function measuredCapacity (work: readonly WorkSample[], from: number): MeasuredCapacity | undefined {
  const spans = busySpans(work)
  const seconds = spans.reduce((sum, span) => sum + secondsOf(span), 0)
  const completed = spans.reduce((sum, span) => sum + completedIn(span), 0)
  const isMeasured = completed > 0
  const perSecond = isMeasured ? completed / seconds : inferredPerSecond(work)
  if (perSecond === undefined) return undefined
  const busy = work.filter(({ takenSlots, slots }) => areSlotsFull(takenSlots, slots)).map(({ inWork }) => inWork)
  return {
    perSecond,
    isMeasured,
    changes: changesOf(work, spans, perSecond, from),
    eventsAtOnce: busy.length === 0 ? undefined : meanOfNumbers(busy)
  }
}

const isStopped = ({ isPaused, isHeldUp }: WorkSample) => isPaused || isHeldUp
const isBusy = (sample: WorkSample) => hasBacklog(sample) && !isStopped(sample)
const secondsOf = ({ from, to }: Span) => (to.at - from.at) / 1_000
const completedIn = ({ from, to }: Span) => Math.max(0, to.completed - from.completed)

/** Spans of about ten seconds with a backlog from beginning to end. */
function busySpans (work: readonly WorkSample[]): Span[] {
  const spans: Span[] = []
  let span: Span | undefined
  for (const [index, sample] of work.entries()) {
    const last = work[index - 1]
    const goesOn = last !== undefined && isBusy(last) && isBusy(sample) && sample.at - last.at <= LONGEST_STEP_MS
    if (!goesOn) {
      span = undefined
      continue
    }
    if (span === undefined || span.to.at - span.from.at >= SPAN_MS) spans.push(span = { from: last, to: sample })
    else span.to = sample
  }
  return spans
}

/** The last estimate of production. */
function inferredPerSecond (work: readonly WorkSample[]): number | undefined {
  const capacity = new Capacity()
  for (const sample of work) capacity.observe(sample)
  const { perSecond = 0 } = capacity.estimate
  return perSecond > 0 && Number.isFinite(perSecond) ? perSecond : undefined
}

function changesOf (
  work: readonly WorkSample[], spans: readonly Span[], perSecond: number, from: number
): SpeedChange[] {
  const changes: SpeedChange[] = []
  let [speed, next] = [1, 0]
  for (const sample of work) {
    while (spans[next] !== undefined && spans[next]!.to.at <= sample.at) next++
    const span = spans[next]
    const now = isStopped(sample)
      ? 0
      : span === undefined || span.from.at > sample.at ? 1 : completedIn(span) / secondsOf(span) / perSecond
    const isChance = now > 0 && speed > 0 && Math.abs(now / speed - 1) < LEAST_CHANGE
    if (now === speed || isChance) continue
    speed = now
    changes.push({ atMs: sample.at - from, speed })
  }
  return changes
}
