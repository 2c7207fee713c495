/*
 * Counts the outcomes of the events of organizations at this process since the last booking. Redis keeps statements of
 * a bounded number of organizations, and each process knows their names:
 *
 *   known       organizations with a statement: each event is counted under its name
 *   newcomers   those of the others with the most events, in places of services/frequency/frequent.ts
 *   others      all further ones, and what a newcomer had counted when it lost its place
 *
 * A newcomer gets a statement when more of its events are certain than may have been missed. Ids that never repeat do
 * not get that far while they are many, and while they are few there is room for them.
 */
import { Frequent, NO_PLACE } from '../frequency/frequent.ts'
import { NOBODY } from '../organizations/usage.ts'
import type { BatchSettlement } from '../queue/batch.ts'
import { FIELD_INDEX, isEmptyTally, moveTally, newTally, receivedIn, type Tally, type TallyField } from './tally.ts'

/** Places of newcomers. */
const MOST_NEWCOMERS = 1_000
/** Places that are given away between two ticks. */
const MOST_REPLACED = 200
const HALF_LIFE_MS = 5_000

/** Organizations of one booking, and those among them that get their statements with it. */
const MOST_BOOKED = 200
const MOST_PROMOTED = 32

/** Counts of an organization to book. */
export interface BookedTally {
  readonly organizationId: string
  readonly tally: Tally
  /** How long this process has counted the organization by its name; 0 for a known one. */
  readonly ageMs: number
}

/** Counts to book. */
export interface BookedTallies {
  readonly named: readonly BookedTally[]
  readonly others: Tally
}

export class StatementBook {
  readonly #known = new Map<string, Tally>()
  readonly #newcomers: Frequent
  readonly #ofNewcomer: Tally[]
  /** When each place was given to its newcomer. */
  readonly #placedAt: Float64Array
  /** Places that were given to a newcomer. */
  #placed = 0
  #others = newTally()
  /** Known organizations with counts to book, those that wait longest first. */
  readonly #waiting = new Set<string>()
  #now = 0
  #hasNews = false
  /** The last organization, its tally, and its place as a newcomer: most events come in runs of one organization. */
  #lastId: string | undefined
  #last = this.#others
  #lastPlace = NO_PLACE

  constructor (room = MOST_NEWCOMERS) {
    this.#ofNewcomer = Array.from({ length: room }, newTally)
    this.#placedAt = new Float64Array(room)
    this.#newcomers = new Frequent({
      room,
      mostReplaced: MOST_REPLACED,
      onReplaced: (place) => {
        moveTally(this.#ofNewcomer[place] as Tally, this.#others)
        this.#placedAt[place] = this.#now
      }
    })
  }

  /** Counts events of an organization. */
  count (organizationId: string = NOBODY, field: TallyField, events = 1): void {
    if (organizationId !== this.#lastId) this.#find(organizationId, events)
    else if (this.#lastPlace !== NO_PLACE) this.#newcomers.raise(this.#lastPlace, events)
    this.#last[FIELD_INDEX[field]]! += events
  }

  /** Counts each of these events under the name of its organization. */
  countEach (events: readonly { readonly organizationId?: string }[], field: TallyField): void {
    for (const { organizationId } of events) this.count(organizationId, field)
  }

  /** Counts what became of the events of a batch at a worker; those that are tried again stay in the queue. */
  countSettled (
    events: readonly { readonly organizationId?: string }[], { deadIndexes, expiredIndexes, moves }: BatchSettlement
  ): void {
    if (deadIndexes === undefined && expiredIndexes === undefined && moves === undefined) {
      this.countEach(events, 'done')
      return
    }
    const ends: (TallyField | undefined)[] = events.map(() => 'done')
    for (const index of deadIndexes ?? []) ends[index] = 'deadLettered'
    for (const index of expiredIndexes ?? []) ends[index] = 'expired'
    for (const [, indexes] of moves ?? []) for (const index of indexes) ends[index] = undefined
    for (const [index, end] of ends.entries()) {
      if (end !== undefined) this.count(events[index]?.organizationId, end)
    }
  }

  /** Whether anything was counted that is not booked. */
  get hasNews (): boolean { return this.#hasNews || this.#waiting.size > 0 }

  /** Lets newcomers of earlier times fade. */
  tick (now: number): void {
    this.#newcomers.fade(0.5 ** ((now - this.#now) / HALF_LIFE_MS))
    this.#now = now
    // An organization without a place may now get one.
    this.#lastId = undefined
  }

  /** Returns counts to book, and forgets them. */
  take (most = MOST_BOOKED): BookedTallies {
    this.#lastId = undefined
    this.#hasNews = false
    const ages = this.#promote()
    const named: BookedTally[] = []
    for (const organizationId of this.#waiting) {
      if (named.length === most) break
      this.#waiting.delete(organizationId)
      const tally = this.#known.get(organizationId) as Tally
      this.#known.set(organizationId, newTally())
      named.push({ organizationId, tally, ageMs: ages.get(organizationId) ?? 0 })
    }
    const others = this.#others
    this.#others = newTally()
    return { named, others }
  }

  /** Learns which organizations have statements. */
  adopt (names: readonly string[]): void {
    this.#lastId = undefined
    const listed = new Set(names)
    for (const [organizationId, tally] of this.#known) {
      if (listed.has(organizationId)) continue
      this.#known.delete(organizationId)
      this.#waiting.delete(organizationId)
      this.#hasNews ||= !isEmptyTally(tally)
      moveTally(tally, this.#others)
    }
    for (const organizationId of names) {
      if (this.#known.has(organizationId)) continue
      const place = this.#newcomers.placeOf(organizationId)
      this.#know(organizationId, place)
    }
  }

  /** Counts all newcomers as others, so that a process that stops books them too. */
  giveUpNewcomers (): void {
    this.#lastId = undefined
    for (const tally of this.#ofNewcomer) {
      this.#hasNews ||= !isEmptyTally(tally)
      moveTally(tally, this.#others)
    }
  }

  /** Gives the newcomers with the most certain events their names. Returns how long each has had its place. */
  #promote (): Map<string, number> {
    const ripe = this.#newcomers.keys.map((organizationId, place) => {
      const error = this.#newcomers.errorAt(place)
      return { organizationId, place, certain: this.#newcomers.countAt(place) - error, error }
    }).filter(({ organizationId, place, certain, error }) => certain > error && !this.#known.has(organizationId) &&
      receivedIn(this.#ofNewcomer[place] as Tally) > 0)
    // The others get their names with the next bookings, also if nothing is counted any more.
    this.#hasNews ||= ripe.length > MOST_PROMOTED
    const ages = new Map<string, number>()
    for (const { organizationId, place } of ripe.toSorted((a, b) => b.certain - a.certain).slice(0, MOST_PROMOTED)) {
      ages.set(organizationId, this.#now - (this.#placedAt[place] as number))
      this.#know(organizationId, place)
    }
    return ages
  }

  /** @param place of the organization among the newcomers, or NO_PLACE */
  #know (organizationId: string, place: number): void {
    const tally = newTally()
    if (place !== NO_PLACE) {
      moveTally(this.#ofNewcomer[place] as Tally, tally)
      this.#placedAt[place] = this.#now
    }
    this.#known.set(organizationId, tally)
    if (!isEmptyTally(tally)) this.#waiting.add(organizationId)
  }

  #find (organizationId: string, events: number): void {
    this.#hasNews = true
    this.#lastId = organizationId
    this.#lastPlace = NO_PLACE
    const known = this.#known.get(organizationId)
    if (known !== undefined) {
      this.#last = known
      this.#waiting.add(organizationId)
      return
    }
    this.#lastPlace = this.#newcomers.add(organizationId, events)
    this.#last = this.#lastPlace === NO_PLACE ? this.#others : this.#ofNewcomer[this.#lastPlace] as Tally
    if (this.#lastPlace === this.#placed) this.#placedAt[this.#placed++] = this.#now
  }
}
