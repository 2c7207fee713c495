/*
 * A statement tells what became of the events of an organization since a moment, on all replicas.
 *
 *   received = enqueued + spooled + duplicate + shed + wouldExpire + quota + forbidden + invalid + sampled
 *   queued   = enqueued + returned + adjusted - done - deadLettered - expired
 *
 * The first law always holds: an event is booked when its outcome is known. The second is an estimate, see
 * docs/ORGANIZATIONS.md.
 */
import { receivedIn, TALLY_FIELDS, type TallyField } from './tally.ts'

/** Organizations with statements. */
export const MOST_STATEMENTS = 1_000

/** Faded counts lose half of their events in this time. */
export const RATE_HALF_LIFE_MS = 5_000

/** A statement that is younger says little about a rate. */
const LEAST_AGE_MS = 1_000

const BYTES_PER_NUMBER = 8

/** How a count enters the number of events in the queue. */
export const QUEUED_FACTORS: readonly number[] = TALLY_FIELDS.map((field) => {
  if (field === 'enqueued' || field === 'returned' || field === 'adjusted') return 1
  return field === 'done' || field === 'deadLettered' || field === 'expired' ? -1 : 0
})

type Counts = Readonly<Record<TallyField | 'received', number>>

export interface Statement {
  /** Milliseconds of the clock of Redis. */
  readonly sinceMs: number
  /** When a process booked last. */
  readonly bookedMs: number
  readonly counts: Counts
  /** Events per second over the last seconds. */
  readonly perSecond: Counts
  /** Events in the queue; what processes count at different times may make it negative. */
  readonly queued: number
}

/**
 * Reads a statement as book-statements.lua has packed it; undefined for anything else.
 *
 * @param nowMs of the clock of Redis
 */
export function decodeStatement (packed: Buffer | null | undefined, nowMs: number): Statement | undefined {
  const fields = TALLY_FIELDS.length
  if (packed?.length !== BYTES_PER_NUMBER * (2 + 2 * fields)) return undefined
  const at = (index: number) => packed.readDoubleLE(BYTES_PER_NUMBER * index)
  const counts = Array.from({ length: fields }, (_, index) => at(2 + index))
  const faded = Array.from({ length: fields }, (_, index) => at(2 + fields + index))
  const [sinceMs, bookedMs] = [at(0), at(1)]
  if (![sinceMs, bookedMs, ...counts, ...faded].every(Number.isFinite)) return undefined
  const perSecond = rateFactor(Math.max(LEAST_AGE_MS, nowMs - sinceMs)) *
    0.5 ** (Math.max(0, nowMs - bookedMs) / RATE_HALF_LIFE_MS)
  return {
    sinceMs,
    bookedMs,
    counts: named(counts),
    perSecond: named(faded.map((events) => events * perSecond)),
    queued: counts.reduce((sum, events, index) => sum + events * (QUEUED_FACTORS[index] as number), 0)
  }
}

/** Turns a faded count into a rate; until counts have settled, they are short by a known share. */
function rateFactor (ageMs: number): number {
  return 1_000 * Math.LN2 / RATE_HALF_LIFE_MS / (1 - 0.5 ** (ageMs / RATE_HALF_LIFE_MS))
}

function named (values: readonly number[]): Counts {
  const entries = TALLY_FIELDS.map((field, index) => [field, values[index] as number] as const)
  return { ...Object.fromEntries(entries), received: receivedIn(values) } as Counts
}
