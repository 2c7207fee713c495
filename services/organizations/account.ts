import type { Charge, PermitOutcome } from '../admission/policy.ts'
import type { RateLimit } from '../admission/quota-standing.ts'
import { charged, exactMs, usedShare, waitForBytes, waitForEvent } from './bucket.ts'
import { Demand } from './demand.ts'
import type { Limit, Terms } from './quota.ts'
import { limitItem, stepped } from './rate-limit.ts'
import { ReplicaShare, type Use } from './replica-share.ts'
import { shortName } from './short-name.ts'

/** Bursts that an organization may owe while its quota is not enforced. */
const MOST_DEBT = 2

interface Charged {
  /** The quota at the time of the charge, which its times are of. */
  readonly terms: Terms
  readonly eventMs: number
  readonly byteMs: number
  readonly at: number
  /** Its cost as demand, in milliseconds of the whole quota. */
  readonly costMs: number
  /** Whether the quota would have refused it. */
  readonly isOver: boolean
  readonly use: Use | undefined
}

/** A charge that may be refunded. Equal ones of one moment are one object, which is settled once for each of them. */
export class AccountCharge implements Charge {
  readonly #account: Account
  readonly #charged: Charged

  constructor (account: Account, facts: Charged) {
    this.#account = account
    this.#charged = facts
  }

  isEqual ({ at, terms, eventMs, byteMs, costMs, isOver, use }: Charged): boolean {
    const own = this.#charged
    return own.at === at && own.terms === terms && own.eventMs === eventMs && own.byteMs === byteMs &&
      own.costMs === costMs && own.isOver === isOver && own.use === use
  }

  settled (outcome: PermitOutcome): void {
    if (outcome !== 'stored') this.#account.refund(this.#charged)
    // A lost event comes again and needs its share; a duplicate does not.
    if (outcome === 'duplicate') this.#account.forgetOffer(this.#charged)
  }
}

/** The used part of the quota of an organization. Times are milliseconds of the clock of its policy. */
export class Account {
  readonly organizationId: string
  /** The name of the organization in reports. */
  readonly name: string
  readonly demand = new Demand()
  readonly share = new ReplicaShare()
  #terms: Terms
  #eventsFullAt = -Infinity
  #bytesFullAt = -Infinity
  #chargedAt = -Infinity
  /** The last one. */
  #charge: AccountCharge | undefined
  #rateLimit: RateLimit | undefined
  #left = -1
  #seconds = -1

  constructor (organizationId: string, terms: Terms, name = shortName(organizationId)) {
    this.organizationId = organizationId
    this.name = name
    this.#terms = terms
  }

  get terms (): Terms { return this.#terms }

  /** Follows another quota; the buckets stay as full as they were. */
  follow (terms: Terms, now: number): void {
    const { events, bytes } = this.#terms
    this.#eventsFullAt = movedTo(this.#eventsFullAt, now, events, terms.events)
    this.#bytesFullAt = movedTo(this.#bytesFullAt, now, bytes, terms.bytes)
    this.#terms = terms
    this.#rateLimit = undefined
  }

  /** Milliseconds until the quota has room for an event; 0 or less if it has. */
  waitMs (now: number, share: number): number {
    const { events, bytes } = this.#terms
    const forEvent = events === undefined ? 0 : waitForEvent(this.#eventsFullAt, now, events, share)
    return bytes === undefined ? forEvent : Math.max(forEvent, waitForBytes(this.#bytesFullAt, now, bytes))
  }

  /** The time of the whole quota that an event stands for, in milliseconds. */
  costMs (bytes: number): number {
    const { events, bytes: limit } = this.#terms
    return Math.max(events?.intervalMs ?? 0, bytes * (limit?.intervalMs ?? 0))
  }

  /**
   * @param isEnforced false if events beyond the quota are admitted too. Their debt is then bounded, or an organization
   *   would pay for hours once the quota is enforced
   * @param isOver the event is beyond the quota
   */
  charge (bytes: number, now: number, share: number, isEnforced: boolean, isOver = false): AccountCharge {
    const { events, bytes: limit } = this.#terms
    if (!isEnforced && now > this.#chargedAt) this.#boundDebt(now)
    this.#chargedAt = now
    const eventMs = events === undefined ? 0 : exactMs(events.intervalMs / share)
    const byteMs = limit === undefined ? 0 : exactMs(bytes * limit.intervalMs / share)
    if (eventMs > 0) this.#eventsFullAt = charged(this.#eventsFullAt, now, eventMs)
    if (byteMs > 0) this.#bytesFullAt = charged(this.#bytesFullAt, now, byteMs)
    const use = this.share.use(Math.max(eventMs, byteMs), now)
    const own = { terms: this.#terms, eventMs, byteMs, at: now, costMs: this.costMs(bytes), isOver, use }
    if (this.#charge?.isEqual(own) !== true) this.#charge = new AccountCharge(this, own)
    return this.#charge as AccountCharge
  }

  #boundDebt (now: number): void {
    const { events, bytes } = this.#terms
    if (events !== undefined) this.#eventsFullAt = Math.min(this.#eventsFullAt, now + MOST_DEBT * events.burstMs)
    if (bytes !== undefined) this.#bytesFullAt = Math.min(this.#bytesFullAt, now + MOST_DEBT * bytes.burstMs)
  }

  /** Takes a charge back. */
  refund ({ terms, eventMs, byteMs, use }: Charged): void {
    if (use !== undefined) this.share.refund(use)
    const { events, bytes } = this.#terms
    this.#eventsFullAt -= rescaled(eventMs, terms.events, events)
    this.#bytesFullAt -= rescaled(byteMs, terms.bytes, bytes)
  }

  /** Forgets the offer of a charge: an event that was stored before needs no share of the quota. */
  forgetOffer ({ costMs, at, isOver }: Charged): void {
    this.demand.forget(costMs, at, isOver ? costMs : 0)
  }

  /** Whether the quota is unused. */
  isFull (now: number): boolean {
    return this.#eventsFullAt <= now && this.#bytesFullAt <= now
  }

  /** Whether nothing would be forgotten with this account: its quota is unused, and it has no share to keep. */
  isForgettable (now: number): boolean {
    return this.isFull(now) && this.share.reported === 0 && this.share.others === 0
  }

  /**
   * Returns what the headers of an answer say. The text is made anew when what is left has changed by a step.
   *
   * @param kept the part of what is left that producers shall know of, below 1 under pressure
   */
  rateLimit (now: number, kept: number): RateLimit {
    const { events, bytes, burst, item, policy } = this.#terms
    const used = Math.max(
      events === undefined ? 0 : usedShare(this.#eventsFullAt, now, events),
      bytes === undefined ? 0 : usedShare(this.#bytesFullAt, now, bytes)
    )
    const left = stepped(burst * (1 - used) * kept)
    const seconds = Math.max(1, Math.ceil((Math.max(this.#eventsFullAt, this.#bytesFullAt) - now) / 1_000))
    if (this.#rateLimit === undefined || left !== this.#left || seconds !== this.#seconds) {
      this.#left = left
      this.#seconds = seconds
      this.#rateLimit = { policy, limit: limitItem(item, left, seconds) }
    }
    return this.#rateLimit
  }
}

function movedTo (fullAt: number, now: number, from: Limit | undefined, to: Limit | undefined): number {
  if (fullAt <= now || from === undefined || to === undefined) return Math.min(fullAt, now)
  return now + rescaled(fullAt - now, from, to)
}

/**
 * Returns the time that a charge under one limit is worth under another: the same part of the burst. A debt beyond the
 * burst remains as many events or bytes at the most, or one of a small quota would last for days under a large one.
 */
function rescaled (ms: number, from: Limit | undefined, to: Limit | undefined): number {
  if (from === to || from === undefined) return ms
  if (to === undefined) return 0
  const debtMs = Math.max(0, ms - from.burstMs)
  const factor = to.burstMs / from.burstMs
  return exactMs((ms - debtMs) * factor + debtMs * Math.min(factor, to.intervalMs / from.intervalMs))
}
