import type { FairLineOptions, Line } from './line.ts'
import { TimeHeap } from './time-heap.ts'

/** A line in the fair order of production, with a tag for each event: the simulator leaves batches out. */
export class FairLine implements Line {
  readonly #options: FairLineOptions
  readonly #heap = new TimeHeap()
  #highest = 0

  constructor (options: FairLineOptions) {
    this.#options = options
  }

  get size (): number { return this.#heap.size }

  get first (): number { return this.#heap.first }

  push (slot: number): void {
    const { fairOrder, priority, eventOf } = this.#options
    fairOrder.follow(priority, this.size === 0 ? this.#highest : this.#heap.earliest, this.size === 0)
    const event = eventOf(slot)
    const flow = fairOrder.flowOf(priority, event)
    const charge = fairOrder.chargeOf(flow, event)
    const tag = fairOrder.tag(priority, [{ flow, first: charge, whole: charge }])
    this.#highest = Math.max(this.#highest, tag)
    this.#heap.push(tag, slot)
  }

  shift (): number { return this.#heap.pop() }

  pop (): number { return this.shift() }
}
