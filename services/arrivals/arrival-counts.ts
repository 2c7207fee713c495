import type { AdmissionCounters } from '../admission/counters.ts'
import type { Offer } from '../admission/offer.ts'
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { OTHER_NAMES, type ArrivalRecord } from './arrival-record.ts'
import { Places } from './places.ts'

/** The most types, organizations and kinds of a record that are counted apart. Others share kinds by priority. */
export const MOST_TYPES = 64
export const MOST_ORGANIZATIONS = 512
export const MOST_KINDS = 2_048
/** Reasons come from files of policies, so there are few; this bounds a fault. */
const MOST_REASONS = 64
/** A record with as many entries as this is long enough, whatever its time. */
const MOST_ENTRIES = 16_384

type Kind = ArrivalRecord['kinds'][number]
export type CountedPart = Pick<ArrivalRecord, 'types' | 'organizations' | 'kinds' | 'windows' | 'refusedBy'>

/**
 * Counts offers and refusals by priority, type and organization, in windows. An event costs a few look-ups and no
 * memory, apart from the first of its kind in a record; the memory has a bound whatever producers send.
 */
export class ArrivalCounts {
  readonly #types = new Places(MOST_TYPES)
  readonly #organizations = new Places(MOST_ORGANIZATIONS)
  readonly #kindOf = new Map<number, number>()
  #kinds: Kind[] = []
  #windows: number[][] = []
  #entries = 0
  #refusedBy = new Map<string, number>()
  /** Events of the present window by kind, and the kinds that have any. */
  readonly #offered = new Float64Array(MOST_KINDS + PRIORITY_SLOTS)
  readonly #refused = new Float64Array(MOST_KINDS + PRIORITY_SLOTS)
  #touched: number[] = []
  /** A refusal follows the offer that it refuses. */
  #lastOffer: Offer | undefined
  #lastKind = 0

  /** Whether the record should end with this window. */
  get isFull (): boolean { return this.#entries >= MOST_ENTRIES }

  offered (offer: Offer): void {
    const kind = this.#kind(offer)
    this.#lastOffer = offer
    this.#lastKind = kind
    this.#touch(kind)
    this.#offered[kind]!++
  }

  refused (offer: Offer, reason: string): void {
    const kind = offer === this.#lastOffer ? this.#lastKind : this.#kind(offer)
    this.#touch(kind)
    this.#refused[kind]!++
    if (this.#refusedBy.has(reason) || this.#refusedBy.size < MOST_REASONS)
      this.#refusedBy.set(reason, (this.#refusedBy.get(reason) ?? 0) + 1)
  }

  /** Ends a window; those without events leave nothing. */
  endWindow (index: number): void {
    if (this.#touched.length === 0) return
    const window = [index]
    for (const kind of this.#touched) {
      window.push(kind, this.#offered[kind] as number, this.#refused[kind] as number)
      this.#offered[kind] = 0
      this.#refused[kind] = 0
    }
    this.#windows.push(window)
    this.#entries += this.#touched.length
    this.#touched = []
    this.#lastOffer = undefined
  }

  /** Hands over the counts of all ended windows and begins anew. */
  take (): CountedPart {
    const part = {
      types: this.#types.names,
      organizations: this.#organizations.names,
      kinds: this.#kinds,
      windows: this.#windows,
      refusedBy: Object.fromEntries(this.#refusedBy)
    }
    this.#types.renew()
    this.#organizations.renew()
    this.#kindOf.clear()
    this.#kinds = []
    this.#windows = []
    this.#entries = 0
    this.#refusedBy = new Map()
    return part
  }

  #touch (kind: number): void {
    if (this.#offered[kind] === 0 && this.#refused[kind] === 0) this.#touched.push(kind)
  }

  #kind ({ priority, type, organizationId }: Offer): number {
    const typePlace = this.#types.count(type)
    const organization = this.#organizations.count(organizationId)
    return this.#find(priority, typePlace, organization) ?? this.#add(
      this.#kinds.length < MOST_KINDS ? [priority, typePlace, organization] : [priority, OTHER_NAMES, OTHER_NAMES]
    )
  }

  #add (kind: Kind): number {
    const known = this.#find(...kind)
    if (known !== undefined) return known
    this.#kindOf.set(this.#keyOf(...kind), this.#kinds.length)
    return this.#kinds.push(kind) - 1
  }

  #find (priority: number, type: number, organization: number): number | undefined {
    return this.#kindOf.get(this.#keyOf(priority, type, organization))
  }

  #keyOf (priority: number, type: number, organization: number): number {
    return (type * this.#organizations.size + organization) * PRIORITY_SLOTS + priority
  }
}

/** Returns counters that also count arrivals. A sample that leaves an event out is no refusal. */
export function withArrivals (counters: AdmissionCounters, arrivals: ArrivalCounts): AdmissionCounters {
  return {
    ...counters,
    offered: (offer) => {
      arrivals.offered(offer)
      counters.offered(offer)
    },
    refused: (offer, refusal, isEnforced) => {
      if (isEnforced) arrivals.refused(offer, refusal.reason)
      counters.refused(offer, refusal, isEnforced)
    }
  }
}
