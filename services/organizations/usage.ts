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
import type { RefusalKind } from '../admission/refusal.ts'
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

type Measure = 'offered' | 'admitted' | 'shed' | 'quotaRefused'

/** The use that an organization makes of the service, per second over the last seconds, at this replica. */
export interface OrganizationUsage extends Readonly<Record<`${Measure}PerSecond`, number>> {
  readonly organizationId: string
  /** Work offered, in events of mean service time. */
  readonly workPerSecond: number
}

/** Work offered per second by the organizations that are known by name, and by all others together. */
export interface Work {
  readonly byOrganization: ReadonlyMap<string, number>
  readonly rest: number
}

export class Usage {
  readonly #organizations: Frequent
  readonly #bucket: number
  readonly #costOf: (type: string | undefined) => number
  readonly #counts: Readonly<Record<Measure, Float64Array>>
  readonly #work: Readonly<Record<PriorityClass, Float64Array>>
  readonly #steadyWork: Float64Array
  /** All counts. */
  readonly #values: readonly Float64Array[]
  #fadedMs = 0
  #lastId: string | undefined
  #lastIndex = 0

  /** @param costOf the service time of a type, as a multiple of the mean over all events */
  constructor (costOf: (type: string | undefined) => number = () => 1, room = MOST_ORGANIZATIONS) {
    this.#costOf = costOf
    this.#bucket = room
    const counts = () => new Float64Array(room + 1)
    this.#counts = { offered: counts(), admitted: counts(), shed: counts(), quotaRefused: counts() }
    this.#work = { critical: counts(), normal: counts(), low: counts() }
    this.#steadyWork = counts()
    this.#values = [...Object.values(this.#counts), ...Object.values(this.#work)]
    this.#organizations = new Frequent({
      room, mostReplaced: MOST_REPLACED, onReplaced: (place) => this.#moveToBucket(place)
    })
  }

  /** Counts an offer. The service's own offers were counted when producers made them. */
  offered ({ isInternal, organizationId = NOBODY, type, priorityClass }: Offer): void {
    if (isInternal) return
    const cost = this.#costOf(type)
    const place = this.#organizations.add(organizationId, cost)
    const index = place === NO_PLACE ? this.#bucket : place
    this.#lastId = organizationId
    this.#lastIndex = index
    this.#counts.offered[index]!++
    this.#work[priorityClass][index]! += cost
    this.#steadyWork[index]! += cost
  }

  admitted ({ isInternal, organizationId = NOBODY }: Offer): void {
    if (!isInternal) this.#counts.admitted[this.#indexOf(organizationId)]!++
  }

  refused ({ isInternal, organizationId = NOBODY }: Offer, kind: RefusalKind): void {
    if (isInternal || kind === 'forbidden') return
    this.#counts[kind === 'quota' ? 'quotaRefused' : 'shed'][this.#indexOf(organizationId)]!++
  }

  /** Fades all counts by the elapsed time. */
  fade (elapsedMs: number): void {
    this.#fadedMs += elapsedMs
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

  /** The organizations with the most work, the largest first. */
  top (most: number): OrganizationUsage[] {
    const perSecond = this.#perSecond()
    return this.#organizations.keys
      .map((organizationId, place) => ({ organizationId, place, work: this.#workAt(place) }))
      .toSorted((one, other) => other.work - one.work)
      .slice(0, most)
      .map(({ organizationId, place, work }) => ({
        organizationId,
        workPerSecond: work * perSecond,
        offeredPerSecond: this.#counts.offered[place]! * perSecond,
        admittedPerSecond: this.#counts.admitted[place]! * perSecond,
        shedPerSecond: this.#counts.shed[place]! * perSecond,
        quotaRefusedPerSecond: this.#counts.quotaRefused[place]! * perSecond
      }))
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

  /** The decision on an offer nearly always comes right after the offer. */
  #indexOf (organizationId: string): number {
    if (this.#lastId === organizationId) return this.#lastIndex
    const place = this.#organizations.placeOf(organizationId)
    return place === NO_PLACE ? this.#bucket : place
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
