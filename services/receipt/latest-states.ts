import type { KeptEvent } from '../history/latest-events.ts'
import type { LatestEvent } from './latest-event.ts'
import type { ReceiptFinder } from './receipt-finder.ts'

/** An answer is shared by all requests within this time, so more viewers do not load Redis more. */
const KEPT_MS = 1_000

type LatestState = LatestEvent['status']

interface Look {
  readonly state: LatestState
  readonly atMs: number
}

/** Looks up the states of the latest events, each at most once a second and never again after it is over. */
export class LatestStates {
  readonly #receipts: Pick<ReceiptFinder, 'find'>
  readonly #now: () => number
  readonly #looks = new WeakMap<KeptEvent, Look>()
  #looking: Promise<void> | undefined

  /** @param now milliseconds, of any clock that does not go back */
  constructor (receipts: Pick<ReceiptFinder, 'find'>, now: () => number) {
    this.#receipts = receipts
    this.#now = now
  }

  /** Returns the states of events, in order. */
  async of (events: readonly KeptEvent[]): Promise<LatestState[]> {
    while (this.#looking !== undefined) await this.#looking
    const outdated = events.filter((event) => this.#isOutdated(event))
    if (outdated.length > 0) {
      this.#looking = this.#look(outdated)
      try {
        await this.#looking
      } finally {
        this.#looking = undefined
      }
    }
    return events.map((event) => this.#looks.get(event)?.state ?? 'unavailable')
  }

  #isOutdated (event: KeptEvent): boolean {
    const look = this.#looks.get(event)
    // An event that is done or expired does not change any more, but its receipt may expire.
    return look === undefined || (look.state !== 'done' && look.state !== 'expired' && this.#now() - look.atMs >= KEPT_MS)
  }

  /** One after the other: a list must not delay the requests of producers. */
  async #look (events: readonly KeptEvent[]): Promise<void> {
    let isAway = false
    for (const event of events) {
      const { id, organizationId, source } = event
      // Each lookup in a hanging queue takes until its time-out.
      const wanted = { id, organizationId, source }
      const state: LatestState = isAway ? 'unavailable' : (await this.#receipts.find(wanted)).status
      isAway = state === 'unavailable'
      this.#looks.set(event, { state, atMs: this.#now() })
    }
  }
}
