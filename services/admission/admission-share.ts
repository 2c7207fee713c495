/*
 * The share of this replica in what all replicas admit. Between two readings a replica does not see the events of the
 * others, so it takes each event of its own for 1 / share events: it admits against its part of the room that the last
 * reading left. The next reading shows the room that is left of all parts, and each replica has a part of that, so what
 * one has not used is there for all.
 *
 *   room, in thirds of three replicas that admit alike
 *   ├───────┼───────┼───────┤  this reading
 *    ██████   ███      ██
 *             ├────┼────┼────┤  the next one: what is left, in thirds again
 *
 * A part of the room is shared equally, so a replica that a balancer has just found is not without any; the rest as the
 * replicas have used it in the last seconds. All divide by the same reports, so their shares add up to 1. The step that
 * stores a batch keeps the limits whatever the shares are.
 */
import { smoothRate } from './rate.ts'
import { sum } from './sum.ts'

/** The part of the room that is shared equally. */
const EQUAL_PART = 0.25

const USE_HALF_LIFE_MS = 1_000

/** A replica that reports more often than this repeats its last report. */
const LEAST_REPORT_MS = 500

/** The name of the count in a report. */
const USE = 'perSecond'

/** An event stands for this many at the most, unless the others are known to admit more. */
const MOST_EVENTS_FOR_ONE = 16

/** The share of a replica in what all replicas admit. */
export interface Share {
  readonly value: number
  /** Events per second that the others have reported; any number if absent. */
  readonly othersPerSecond?: number
}

/**
 * Returns how many events of all replicas an event of one stands for. If there are a thousand replicas, each admits few
 * events between two readings, so a single array would stand for a flood. Beyond MOST_EVENTS_FOR_ONE the others count
 * for as much as they have reported: the step that stores a batch holds a flood that is not in the reports yet.
 *
 * @param own what this replica has admitted since the last reading
 * @param mostOthers what the others admit in the time between two readings, by their reports
 */
export function eventsForOne ({ value }: Share, own: number, mostOthers: number): number {
  return value >= 1 / MOST_EVENTS_FOR_ONE || own === 0
    ? 1 / value
    : Math.min(1 / value, Math.max(MOST_EVENTS_FOR_ONE, 1 + mostOthers / own))
}

/** The events per second that a replica has admitted. */
export type UseReport = Readonly<Record<string, number>>

/**
 * Returns the share of a replica.
 *
 * @param own what it has reported
 * @param others the reports of the others, one for each, 0 without a report
 */
export function shareOf (own: number, others: readonly number[]): number {
  if (others.length === 0) return 1
  const replicas = others.length + 1
  const all = own + sum(others)
  return all > 0 ? EQUAL_PART / replicas + (1 - EQUAL_PART) * own / all : 1 / replicas
}

export class AdmissionShare {
  readonly #now: () => number
  #value = 1
  #othersPerSecond = 0
  #admitted = 0
  #perSecond: number | undefined
  #reported = 0
  #reportedAt: number

  /** @param now milliseconds of a clock that nobody sets */
  constructor (now: () => number) {
    this.#now = now
    this.#reportedAt = now()
  }

  /** 1 for a replica that is alone. */
  get value (): number { return this.#value }

  /** Events per second that the others have reported last. */
  get othersPerSecond (): number { return this.#othersPerSecond }

  recordAdmitted (count: number): void {
    this.#admitted += count
  }

  /** Returns what this replica tells the others. */
  report (): UseReport {
    const now = this.#now()
    const elapsedMs = now - this.#reportedAt
    if (elapsedMs >= LEAST_REPORT_MS) {
      const perSecond = this.#admitted * 1_000 / elapsedMs
      this.#perSecond = smoothRate(this.#perSecond, perSecond, elapsedMs, USE_HALF_LIFE_MS)
      // A lone event of long ago says nothing about the next ones.
      this.#reported = Math.round(this.#perSecond)
      this.#admitted = 0
      this.#reportedAt = now
    }
    return { [USE]: this.#reported }
  }

  /** Takes in the last reports of the other replicas, one for each. */
  observe (others: readonly UseReport[]): void {
    const uses = others.map(({ [USE]: use = 0 }) => Number.isFinite(use) && use > 0 ? use : 0)
    this.#othersPerSecond = sum(uses)
    this.#value = shareOf(this.#reported, uses)
  }
}
