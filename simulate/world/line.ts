import type { FairOrder, FairOrderMode, Ordered } from '../../services/organizations/fair-order.ts'

/** The orders of production, and one for comparison. */
export type Order = FairOrderMode | 'levels'

/** Events of one class that wait, by their slots in the pool, in the order in which workers take them. */
export interface Line {
  readonly size: number
  /** The next; there has to be one. */
  readonly first: number
  push (slot: number): void
  /** Takes the next; there has to be one. */
  shift (): number
  /** Takes the newest, if the order knows it; there has to be one. */
  pop (): number
}

export interface FairLineOptions {
  readonly fairOrder: FairOrder
  readonly priority: number
  readonly eventOf: (slot: number) => Ordered
}
