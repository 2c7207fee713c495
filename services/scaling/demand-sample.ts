import type { WorkSample } from '../control/capacity.ts'
import type { ByClass } from '../control/wait.ts'

/** The figures of a reading that the number of workers follows from. */
export interface DemandSample extends WorkSample {
  /**
   * Events of each class that ever came to be worked on, and those that load kept out: with enough workers they would
   * have come, and a queue that sheds would otherwise ask for no more workers.
   */
  readonly offeredByClass: ByClass
  /** Events that wait for a worker; the sum is `waiting`. */
  readonly waitingByClass: ByClass
  /** Live workers that take no batch now. */
  readonly heldWorkers: number
}
