/*
 * Counts who uses the service. The organizations with the most work have places of their own, and one bucket has the
 * rest:
 *
 *   place 0 … 999    exact since the organization got its place; the place with the least work is given away
 *   bucket           all others, and what an organization had counted when it lost its place
 *
 * Work is events times the cost of their type. An organization with more than a thousandth of the work has a place, so
 * ids that come once push nobody out who matters: services/frequency/frequent.ts has the proof.
 *
 * Counts fade with a half-life of 5 s. At a steady rate r a count tends to r x half-life / ln 2. Work is also counted
 * with a half-life of 20 s.
 */
import type { Offer } from '../admission/offer.ts'
import type { PriorityClass } from '../admission/priority-class.ts'
import type { Shares } from '../admission/signals.ts'
import { fadeAll, Frequent, NO_PLACE } from '../frequency/frequent.ts'

const MOST_ORGANIZATIONS = 1_000
/** Between two readings of the queue. A place costs about a microsecond to give away. */
const MOST_REPLACED = 500
const HALF_LIFE_MS = 5_000
/** The longer one of work tells a burst from a rate that lasts. */
const STEADY_HALF_LIFE_MS = 20_000

/** The name of events without an organization, which no organization can have. */
export const NOBODY = ''

/** Work offered per second by the organizations that are known by name, and by all others together. */
export interface Work {
  readonly byOrganization: ReadonlyMap<string, number>
  readonly rest: number
}

/** An event that names another organization than that of its key is forbidden, and is the work of the latter. */
function organizationOf ({ producer, organizationId }: Offer): string {
  return producer.organizationId ?? organizationId ?? NOBODY
}

export class Usage {
  readonly #organizations: Frequent
  readonly #bucket: number
  readonly #costOf: (type: string | undefined) => number
  readonly #work: Readonly<Record<PriorityClass, Float64Array>>
  readonly #steadyWork: Float64Array
  /** The same in a list. */
  readonly #values: readonly Float64Array[]
  #fadedMs = 0
  #lastId: string | undefined
  #lastIndex = 0
  /** The last type and its cost, which holds until the next fading. */
  #lastType: string | undefined
  #lastCost: number

  /** @param costOf the service time of a type, as a multiple of the mean over all events */
  constructor (costOf: (type: string | undefined) => number = () => 1, room = MOST_ORGANIZATIONS) {
    this.#costOf = costOf
    this.#lastCost = costOf(undefined)
    this.#bucket = room
    const counts = () => new Float64Array(room + 1)
    this.#work = { critical: counts(), normal: counts(), low: counts() }
    this.#steadyWork = counts()
    this.#values = Object.values(this.#work)
    this.#organizations = new Frequent({
      room, mostReplaced: MOST_REPLACED, onReplaced: (place) => this.#moveToBucket(place)
    })
  }

  /** Counts an offer. The service's own offers were counted when producers made them. */
  offered (offer: Offer): void {
    const { isInternal, type, priorityClass } = offer
    if (isInternal) return
    const organizationId = organizationOf(offer)
    if (type !== this.#lastType) {
      this.#lastCost = this.#costOf(type)
      this.#lastType = type
    }
    const cost = this.#lastCost
    // Most events come in runs of one organization: looking it up would cost more than all the counting.
    if (organizationId === this.#lastId && this.#lastIndex !== this.#bucket) {
      this.#organizations.raise(this.#lastIndex, cost)
    } else {
      const place = this.#organizations.add(organizationId, cost)
      this.#lastId = organizationId
      this.#lastIndex = place === NO_PLACE ? this.#bucket : place
    }
    const index = this.#lastIndex
    this.#work[priorityClass][index]! += cost
    this.#steadyWork[index]! += cost
  }

  /** Fades all counts by the elapsed time. */
  fade (elapsedMs: number): void {
    this.#fadedMs += elapsedMs
    this.#lastType = undefined
    this.#lastCost = this.#costOf(undefined)
    const factor = 0.5 ** (elapsedMs / HALF_LIFE_MS)
    this.#organizations.fade(factor)
    for (const values of this.#values) fadeAll(values, factor)
    fadeAll(this.#steadyWork, 0.5 ** (elapsedMs / STEADY_HALF_LIFE_MS))
  }

  /** Work per second at this replica. */
  get work (): Work {
    const perSecond = this.#perSecond()
    return {
      byOrganization: new Map(this.#organizations.keys.map((id, place) => [id, this.#workAt(place) * perSecond])),
      rest: this.#workAt(this.#bucket) * perSecond
    }
  }

  /** The classes of the work of an organization here, or of the bucket, as shares of it; undefined without any. */
  mixOf (organizationId: string | undefined): Shares | undefined {
    const index = organizationId === undefined ? this.#bucket : this.#organizations.placeOf(organizationId)
    const all = index === NO_PLACE ? 0 : this.#workAt(index)
    if (all === 0) return undefined
    const { critical, normal, low } = this.#work
    return { critical: critical[index]! / all, normal: normal[index]! / all, low: low[index]! / all }
  }

  /** The rate of the work of an organization over the last 20 s or so, by that of the last seconds; 1 without a burst. */
  steadinessOf (organizationId: string | undefined): number {
    const index = organizationId === undefined ? this.#bucket : this.#organizations.placeOf(organizationId)
    const work = index === NO_PLACE ? 0 : this.#workAt(index) * this.#perSecond()
    return work === 0 ? 1 : this.#steadyWork[index]! * this.#perSecond(STEADY_HALF_LIFE_MS) / work
  }

  #workAt (index: number): number {
    const { critical, normal, low } = this.#work
    return critical[index]! + normal[index]! + low[index]!
  }

  /** Turns a faded count into a rate; before there was time for counts to settle, they are short by a known share. */
  #perSecond (halfLifeMs = HALF_LIFE_MS): number {
    const share = 1 - 0.5 ** (this.#fadedMs / halfLifeMs)
    return share === 0 ? 0 : 1_000 * Math.LN2 / halfLifeMs / share
  }

  #moveToBucket (place: number): void {
    for (const values of this.#values) {
      values[this.#bucket]! += values[place] as number
      values[place] = 0
    }
    this.#steadyWork[this.#bucket]! += this.#steadyWork[place]!
    this.#steadyWork[place] = 0
  }
}
