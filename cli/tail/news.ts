import type { LatestEvent } from '../../services/receipt/latest-event.ts'
import type { LatestList } from './latest.ts'

/** Limit on remembered states. Several processes of a service may answer, each with its own list. */
const MOST_REMEMBERED = 1_000

/** The difference between a list and the previous ones. */
export interface News {
  /** Events that are new or have a new state; oldest first. */
  readonly events: readonly LatestEvent[]
  /** The number of events accepted since the previous list that are in no list. */
  readonly passedOver: number
}

/** Compares each list of the latest events with the previous ones. */
export class NewsFinder {
  readonly #states = new Map<string, string>()
  #process: string | undefined
  #accepted = 0

  /** @param most limit on events of the first list that count as new */
  next ({ events, accepted, process }: LatestList, most = Infinity): News {
    const changed = events.filter((event) => this.#states.get(keyOf(event)) !== event.status)
    const added = changed.filter((event) => !this.#states.has(keyOf(event))).length
    for (const event of changed) this.#remember(event)
    const isSameProcess = process === this.#process && accepted >= this.#accepted
    const passedOver = isSameProcess ? Math.max(0, accepted - this.#accepted - added) : 0
    this.#process = process
    this.#accepted = accepted
    return { events: changed.slice(0, most).toReversed(), passedOver }
  }

  #remember (event: LatestEvent): void {
    const key = keyOf(event)
    this.#states.delete(key)
    this.#states.set(key, event.status)
    if (this.#states.size > MOST_REMEMBERED) this.#states.delete(this.#states.keys().next().value as string)
  }
}

/** Another organization may use the same id, and an id may return after Redis has forgotten it. */
function keyOf ({ id, organizationId, source, receivedAt }: LatestEvent): string {
  return JSON.stringify([id, organizationId, source, receivedAt])
}
