import type { RecordedArrivals } from '../arrivals/arrivals.ts'
import { CLASS_COUNT } from '../classes.ts'
import { ADMITTED, SAMPLED_OUT } from '../subject.ts'
import { PRIORITY_CLASSES } from '../../services/admission/priority-class.ts'
import { Histogram } from './histogram.ts'
import type { Waits } from './figures.ts'

/** Events of a recording differ in these. */
export const DIMENSIONS = ['class', 'organization', 'type'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** The fate of the events of one class, organization or type. */
export interface Fate {
  /** Undefined for events without an organization or a type. */
  readonly name: string | undefined
  readonly offered: number
  /** Refusals, and among them those of events that would have expired. */
  readonly shed: number
  /** Events that a sample left out. */
  readonly sampledOut: number
  /** Admitted events that reached a worker after their deadlines. */
  readonly expired: number
  readonly shedBy: Readonly<Record<string, number>>
  readonly waitMs: Waits
}

interface Row {
  offered: number
  shed: number
  sampledOut: number
  expired: number
  readonly shedBy: Map<string, number>
  readonly waits: Histogram
}

/** Keeps apart who was offered, who was shed and for which reason, and who waited how long, in a recording. */
export class Who {
  readonly #recorded: RecordedArrivals
  readonly #rows: Readonly<Record<Dimension, readonly Row[]>>

  constructor (recorded: RecordedArrivals) {
    this.#recorded = recorded
    this.#rows = {
      class: rows(CLASS_COUNT), organization: rows(recorded.organizations.length), type: rows(recorded.types.length)
    }
  }

  /** @param answer of a subject */
  answered (label: number, answer: number, reason = 'unknown'): void {
    this.#each(label, (row) => {
      row.offered++
      if (answer === SAMPLED_OUT) row.sampledOut++
      else if (answer !== ADMITTED) {
        row.shed++
        row.shedBy.set(reason, (row.shedBy.get(reason) ?? 0) + 1)
      }
    })
  }

  /** An event reached a worker after its deadline. */
  expired (label: number): void {
    this.#each(label, (row) => { row.expired++ })
  }

  /** A worker takes an event for the first time, after a wait since its admission. */
  started (label: number, waitMs: number): void {
    this.#each(label, (row) => { row.waits.add(waitMs) })
  }

  /** The rows of a dimension, each in the place of its index in the recording. */
  fates (dimension: Dimension): Fate[] {
    const { organizations, types } = this.#recorded
    const names = { class: PRIORITY_CLASSES, organization: organizations, type: types }[dimension]
    return this.#rows[dimension].map(({ shedBy, waits, ...counts }, index) => ({
      name: names[index],
      ...counts,
      shedBy: Object.fromEntries(shedBy),
      waitMs: { p50: waits.quantile(0.5), p99: waits.quantile(0.99) }
    }))
  }

  #each (label: number, change: (row: Row) => void): void {
    const kind = this.#recorded.kinds[label]!
    for (const dimension of DIMENSIONS) change(this.#rows[dimension][kind[dimension]]!)
  }
}

function rows (length: number): Row[] {
  return Array.from({ length }, () => ({
    offered: 0, shed: 0, sampledOut: 0, expired: 0, shedBy: new Map(), waits: new Histogram()
  }))
}
