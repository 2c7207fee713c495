/*
 * Checks that faults explain all repeated events. Spillway delivers at least once: if a worker, Redis or a connection
 * breaks after the consumer accepted a call and before Redis recorded that, Spillway delivers the events of the call
 * again. Therefore
 *
 *   - every repetition needs a separate earlier call that was open when a fault struck or ended, or that was answered
 *     so shortly before that Redis may not have recorded it. If a fault disturbs all of its time, any call of that time
 *     will do;
 *   - no fault repeats more events than the largest of these calls held, with one call for each slot of the workers,
 *     unless it puts Redis back to an earlier moment.
 */
import type { Call } from '../consumer/calls.ts'
import type { Disturbance } from '../timeline.ts'

/**
 * Time on a busy machine from the answer of the consumer until Redis has settled the batch, and from the moment a
 * worker takes a batch until it sends the batch.
 */
export const SETTLING_MS = 3_000

/** The repetitions of one fault. */
export interface Bound {
  readonly repeated: number
  readonly most: number
}

export interface DuplicateVerdict {
  /** By number of the disturbance. */
  readonly byDisturbance: ReadonlyMap<number, Bound>
  /** Repetitions that no fault explains, with an example. */
  readonly unexplained: readonly number[]
}

type Span = readonly [fromMs: number, toMs: number]

/**
 * @param repeats for each event that arrived more than once, its calls in order
 * @param slots batches that all workers together run at once
 */
export function judgeDuplicates (
  repeats: ReadonlyMap<number, readonly number[]>,
  calls: readonly Call[],
  disturbances: readonly Disturbance[],
  slots: number
): DuplicateVerdict {
  const spans = disturbances.map((disturbance) => ({ disturbance, spans: spansOf(disturbance) }))
  const causeOf = (call: number) =>
    spans.find((candidate) => candidate.spans.some((span) => isAtRisk(calls[call] as Call, span)))?.disturbance.number
  const repeated = new Map<number, number>()
  const unexplained: number[] = []
  for (const [sequence, numbers] of repeats) {
    // The last call of an event needs no explanation: no repetition followed it.
    for (const call of numbers.slice(0, -1)) {
      const cause = causeOf(call)
      if (cause === undefined) unexplained.push(sequence)
      else repeated.set(cause, (repeated.get(cause) ?? 0) + 1)
    }
  }
  const byDisturbance = new Map(spans.map(({ disturbance: { number, risk }, spans: own }) => [
    number,
    {
      repeated: repeated.get(number) ?? 0,
      most: repeated.has(number) ? mostOf(calls, own, risk === 'rollback' ? Infinity : slots, risk === 'throughout') : 0
    }
  ]))
  return { byDisturbance, unexplained }
}

function spansOf ({ risk, beganAtMs, struckAtMs, endedAtMs, restoredAtMs, recoveredAtMs }: Disturbance): Span[] {
  if (risk === 'none') return []
  if (risk === 'throughout' || risk === 'rollback') return [[beganAtMs, recoveredAtMs]]
  return [[beganAtMs, struckAtMs], [endedAtMs, restoredAtMs]]
}

function isAtRisk ({ handledAtMs, endedAtMs }: Call, [fromMs, toMs]: Span): boolean {
  return handledAtMs <= toMs + SETTLING_MS && endedAtMs + SETTLING_MS >= fromMs
}

/**
 * Counts the events of the calls that may have been running. A slot of a worker takes no further batch before Redis has
 * settled its current one, so at a strike there was one call for each slot. If a fault disturbs all of its time, those
 * that were open at its beginning count, and one more for each slot.
 */
function mostOf (calls: readonly Call[], spans: readonly Span[], slots: number, isThroughout: boolean): number {
  const inWork = new Set<Call>()
  for (const span of spans) {
    const atRisk = calls
      .filter((call) => isAtRisk(call, span) && !inWork.has(call))
      .toSorted((a, b) => b.events - a.events)
    const open = atRisk.filter(({ handledAtMs }) => isThroughout && handledAtMs <= span[0])
    for (const call of [...open, ...atRisk.filter((other) => !open.includes(other)).slice(0, slots)]) inWork.add(call)
  }
  return sum([...inWork])
}

function sum (calls: readonly Call[]): number {
  return calls.reduce((total, { events }) => total + events, 0)
}
