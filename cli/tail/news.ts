import type { LatestEvent } from '../../services/receipt/latest-event.ts'
import type { LatestList } from './latest.ts'

/** Events whose state is remembered; more than one process of a service may answer, each with a list of its own. */
const MOST_REMEMBERED = 1_000

/** The difference of a list from those before it. */
export interface News {
  /** Events that are new, or are somewhere else than before; oldest first. */
  readonly events: readonly LatestEvent[]
  /** Events that were accepted since the list before and are in none. */
  readonly passedOver: number
}

/** Compares each list of the latest events with those before it. */
export class NewsFinder {
  readonly #states = new Map<string, string>()
  #process: string | undefined
  #accepted = 0

  /** @param most how many events of the first list are news */
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

/** The same id may come again, of another organization or when the first is forgotten. */
function keyOf ({ id, organizationId, source, receivedAt }: LatestEvent): string {
  return JSON.stringify([id, organizationId, source, receivedAt])
}
