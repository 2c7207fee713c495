import type { FairLineOptions, Line } from './line.ts'
import { Ring } from './ring.ts'

const LEVELS = 8

/**
 * For comparison with the fair order of production: levels below a priority. An event joins the level of the backlog
 * that its flow has when it comes, each level four times the one before. Workers take all events of lower levels first.
 */
export class LevelLine implements Line {
  readonly #options: FairLineOptions
  readonly #levels = Array.from({ length: LEVELS }, () => new Ring())
  readonly #backlogs = new Map<string, number>()
  #size = 0

  constructor (options: FairLineOptions) {
    this.#options = options
  }

  get size (): number { return this.#size }

  get first (): number { return this.#lowest().first }

  push (slot: number): void {
    const [name, charge] = this.#flowOf(slot)
    const backlog = (this.#backlogs.get(name) ?? 0) + charge
    this.#backlogs.set(name, backlog)
    this.#levels[Math.min(LEVELS - 1, Math.max(0, Math.ceil(Math.log2(backlog) / 2)))]!.push(slot)
    this.#size++
  }

  shift (): number {
    const slot = this.#lowest().shift()
    const [name, charge] = this.#flowOf(slot)
    const backlog = (this.#backlogs.get(name) ?? 0) - charge
    if (backlog > 0) this.#backlogs.set(name, backlog)
    else this.#backlogs.delete(name)
    this.#size--
    return slot
  }

  pop (): number { return this.shift() }

  #lowest (): Ring { return this.#levels.find(({ size }) => size > 0)! }

  #flowOf (slot: number): [name: string, charge: number] {
    const { fairOrder, priority, eventOf } = this.#options
    const event = eventOf(slot)
    const flow = fairOrder.flowOf(priority, event)
    return [flow.name, fairOrder.chargeOf(flow, event)]
  }
}
