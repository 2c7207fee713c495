import type { PriorityClass } from '../admission/priority-class.ts'

/** Events that this process has refused since its start, by reason and class. */
export type RefusedTotals = ReadonlyMap<string, Readonly<Record<PriorityClass, number>>>

/** Events of one class that were refused for one reason, in one second. */
export interface Refused {
  readonly priorityClass: PriorityClass
  readonly reason: string
  readonly events: number
}

/** Refusals of one class for one reason in consecutive seconds. Times are milliseconds of the epoch. */
export interface RefusalRun extends Refused {
  readonly from: number
  readonly to: number
}

/** Most runs that are kept. */
export const MOST_RUNS = 50

/** Computes the growth of the totals between two calls. */
export class RefusedSince {
  readonly #seen = new Map<string, Record<PriorityClass, number>>()

  /** Returns the refusals since the last call. */
  take (totals: RefusedTotals): Refused[] {
    return [...totals].flatMap(([reason, total]) => {
      const seen = this.#seen.get(reason)
      this.#seen.set(reason, { ...total })
      return (Object.keys(total) as PriorityClass[]).map((priorityClass) => ({
        priorityClass,
        reason,
        events: total[priorityClass] - (seen?.[priorityClass] ?? 0)
      }))
        .filter(({ events }) => events > 0)
    })
  }
}

/** Keeps the latest runs of refusals, the most recent first. */
export class RefusalRuns {
  #runs: readonly RefusalRun[] = []

  get runs (): readonly RefusalRun[] { return this.#runs }

  /** Adds the refusals of the second that ends at `second` of the epoch: runs up to it grow, others begin. */
  record (refused: readonly Refused[], second: number): void {
    if (refused.length === 0) return
    const startMs = (second - 1) * 1000
    const grown = refused.map(({ priorityClass, reason, events }): RefusalRun => {
      const before = this.#runs.find((run) =>
        run.to === startMs && run.priorityClass === priorityClass && run.reason === reason
      )
      return {
        from: before?.from ?? startMs,
        to: second * 1000,
        priorityClass,
        reason,
        events: events + (before?.events ?? 0)
      }
    })
    const isReplaced = (run: RefusalRun) =>
      run.to === startMs &&
      grown.some(({ priorityClass, reason }) => run.priorityClass === priorityClass && run.reason === reason)
    this.#runs = [...grown.toSorted((a, b) => b.from - a.from), ...this.#runs.filter((run) => !isReplaced(run))].slice(
      0,
      MOST_RUNS
    )
  }
}
