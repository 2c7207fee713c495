/*
 * Finds the events that may have come twice, and counts them. Spillway delivers at least once: when a worker, Redis or
 * a connection breaks between the moment in which the consumer took a call and the moment in which Redis knew of it,
 * the events of that call come again. So
 *
 *   - every repetition needs an earlier call of its own that was open when a fault struck or ended, or was answered so shortly before
 *     that Redis may not have known of it yet; of faults that disturb all of their time, each call of that time is one;
 *   - no fault brings again more events than were in the largest of these calls, one for each slot of the workers.
 */
import type { Call } from '../consumer/calls.ts'
import type { Disturbance } from '../timeline.ts'

/**
 * Time from the answer of the consumer until Redis has settled the batch, on a busy machine; and until a batch that was
 * taken is sent.
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
  /** Repetitions that nothing explains, with an example. */
  readonly unexplained: readonly number[]
}

type Span = readonly [fromMs: number, toMs: number]

/**
 * @param repeats for each event that came more than once, its calls in their order
 * @param slots batches that the workers have in work at once, all together
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
    // The last call of an event need not be explained: nothing came after it.
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
      most: repeated.has(number) ? mostOf(calls, own, slots, risk === 'throughout') : 0
    }
  ]))
  return { byDisturbance, unexplained }
}

function spansOf ({ risk, beganAtMs, struckAtMs, endedAtMs, restoredAtMs, recoveredAtMs }: Disturbance): Span[] {
  if (risk === 'none') return []
  if (risk === 'throughout') return [[beganAtMs, recoveredAtMs]]
  return [[beganAtMs, struckAtMs], [endedAtMs, restoredAtMs]]
}

function isAtRisk ({ handledAtMs, endedAtMs }: Call, [fromMs, toMs]: Span): boolean {
  return handledAtMs <= toMs + SETTLING_MS && endedAtMs + SETTLING_MS >= fromMs
}

/**
 * Events of the calls that may have been in work. A slot of a worker takes no further batch before Redis has settled
 * the one it has, so at a strike there was one call for each slot; where all of the time is disturbed, those that were
 * open at its beginning and one more for each slot.
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
