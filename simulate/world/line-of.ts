import { FairLine } from './fair-line.ts'
import { LevelLine } from './level-line.ts'
import type { FairLineOptions, Line, Order } from './line.ts'
import { Ring } from './ring.ts'

/** Returns an empty line of an order. */
export function lineOf (order: Order, options: FairLineOptions): Line {
  if (order === 'off') return new Ring()
  return order === 'levels' ? new LevelLine(options) : new FairLine(options)
}
