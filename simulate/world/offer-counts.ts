import type { OfferCounts as CountsOfClass, Reading } from '../subject.ts'
import { CLASS_COUNT, named } from '../classes.ts'

/** Counts the answers to offers by class, as the ledger of production does. It starts with zeros. */
export class OfferCounts {
  readonly received = new Float64Array(CLASS_COUNT)
  readonly admitted = new Float64Array(CLASS_COUNT)
  readonly shed = new Float64Array(CLASS_COUNT)
  readonly sampled = new Float64Array(CLASS_COUNT)

  /** The form that a reading has. */
  get ledger (): Reading['ledger'] {
    return {
      admission: named((index): CountsOfClass => ({
        received: this.received[index] as number,
        shed: this.shed[index] as number,
        sampled: this.sampled[index] as number
      }))
    }
  }
}
