/*
 * The quotas of all organizations in this process: who has used how much of which, and what share of it is for this
 * replica.
 *
 *   settings ──► TermsBook       the quota of an organization
 *   offers   ──► Accounts        a bucket for each of them, in bounded places
 *   fleet    ──► ReplicaShare    the part of the quota that this replica admits
 */
import { NOBODY_NEAR, type NearQuota, type NearQuotas, type RateLimit } from '../admission/quota-standing.ts'
import type { Account, AccountCharge } from './account.ts'
import { Accounts } from './accounts.ts'
import { TermsBook, type QuotaSettings } from './quota.ts'
import { FleetView } from './replica-share.ts'

/** The share of its quota from which an organization is near it. */
const NEAR_SHARE = 0.8

/** Most organizations of a report, and most that are named as near their quotas. */
const MOST_REPORTED = 400
const MOST_NEAR = 100

/** Ends the name of what a replica left over of its share. No name of an organization has it. */
const LEFT = '+'

/** Times are rounded down to this part of a millisecond, so that sums of them are exact. */
const PARTS_PER_MS = 1_024

export interface QuotaSource {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly settings: () => QuotaSettings
}

export class OrganizationQuotas {
  readonly #source: QuotaSource
  readonly #accounts: Accounts
  #fleet = new FleetView()
  #elsewhere: ReadonlyMap<string, number> = new Map()
  #book: TermsBook
  /** Accounts that were in a report of this replica or another one. */
  #reported = new Set<Account>()
  #near = NOBODY_NEAR
  #last = 0
  /** Moves the zero of the clock, so that a clock that is set back stands still instead. */
  #zero: number

  constructor (source: QuotaSource, mostPlaces?: number) {
    this.#source = source
    this.#accounts = new Accounts(mostPlaces)
    this.#book = new TermsBook(source.settings())
    this.#zero = source.now()
  }

  /** Follows the settings in force; returns whether anybody has a quota. The other calls use the same settings. */
  follow (): boolean {
    const settings = this.#source.settings()
    if (settings !== this.#book.settings) {
      this.#book = new TermsBook(settings)
      this.#accounts.follow(this.#book, this.now())
      for (const account of this.#reported) {
        if (this.#accounts.find(account.organizationId) !== account) this.#reported.delete(account)
      }
    }
    return !this.#book.isEmpty
  }

  get settings (): QuotaSettings { return this.#book.settings }

  /** Organizations near their quotas or above them. */
  get near (): NearQuotas { return this.#near }

  /** Milliseconds since this process began, of a clock that does not go back. */
  now (): number {
    const at = this.#source.now() - this.#zero
    if (at < this.#last) this.#zero -= this.#last - at
    else this.#last = Math.floor(at * PARTS_PER_MS) / PARTS_PER_MS
    return this.#last
  }

  /** The account of an organization; undefined for one without a quota, or whose quota is unused. */
  accountOf (organizationId: string, now: number): Account | undefined {
    const known = this.#accounts.find(organizationId)
    if (known !== undefined) return known
    const terms = this.#book.of(organizationId)
    return terms && this.#accounts.sharedFor(organizationId, terms, this.#book, now)
  }

  /** The share of the quota that this replica admits. */
  shareOf (account: Account, now: number): number {
    if (!this.#fleet.isAway(now)) return account.share.at(now, this.#fleet)
    return this.settings.whileAway === 'loose' ? 1 : 1 / this.#fleet.replicas
  }

  /** Milliseconds until an organization may post an event; 0 or less if it may now. */
  waitMs (account: Account, now: number): number {
    return account.waitMs(now, this.shareOf(account, now))
  }

  /**
   * Charges an event.
   *
   * @param account undefined for an organization without an account
   * @returns undefined for an organization without a quota
   */
  charge (
    organizationId: string, account: Account | undefined, bytes: number, now: number,
    { isEnforced, isCounted }: { readonly isEnforced: boolean, readonly isCounted: boolean }
  ): AccountCharge | undefined {
    const charged = account ?? this.#open(organizationId)
    if (charged === undefined) return undefined
    if (!isCounted) charged.demand.record(charged.costMs(bytes), now)
    if (charged.isFull(now)) this.#begin(charged, now)
    const share = this.shareOf(charged, now)
    return charged.charge(bytes, now, share, isEnforced, isCounted)
  }

  /** Records an offer that is refused. */
  refuse (account: Account, bytes: number, now: number): void {
    const costMs = account.costMs(bytes)
    account.demand.record(costMs, now, costMs)
  }

  /**
   * The offers of this replica by the short names of organizations, as thousandths of their quotas: of those that offer
   * more than half of what an even part of the quota would be, or half of the quota on all replicas together.
   */
  report (): Record<string, number> {
    const now = this.now()
    const half = 0.5 / this.#fleet.replicas
    let offers: { readonly name: string, readonly ratio: number }[] = []
    for (const account of this.#accounts.all) {
      const { demand, share, name } = account
      const ratio = demand.ratio(now)
      if (ratio === 0 && share.reported === 0 && share.others === 0) continue
      const left = share.leftAt(now, demand.admitted(now), this.#fleet)
      if (left > 0) offers.push({ name: `${name}${LEFT}`, ratio: left })
      const matters = ratio > half || ratio + share.others > 0.5
      share.reported = matters ? Math.round(ratio * 1_000) / 1_000 : 0
      if (share.reported === 0) continue
      offers.push({ name, ratio: share.reported })
      this.#reported.add(account)
    }
    if (offers.length > MOST_REPORTED) {
      offers = offers.toSorted((one, other) => other.ratio - one.ratio).slice(0, MOST_REPORTED)
    }
    return Object.fromEntries(offers.map(({ name, ratio }) => [name, Math.round(ratio * 1_000)]))
  }

  /** Learns what the others can read of the last report: shares follow from the same numbers everywhere. */
  sent (report: Readonly<Record<string, number>>): void {
    for (const { name, share } of this.#reported) if (!Object.hasOwn(report, name)) share.reported = 0
  }

  /**
   * Takes in the last reports of the other replicas.
   *
   * @param others how many there are
   */
  observe (elsewhere: ReadonlyMap<string, number>, others: number): void {
    const now = this.now()
    this.#elsewhere = elsewhere
    this.#fleet.observe(others, now)
    const named: NearQuota[] = []
    let count = 0
    for (const name of elsewhere.keys()) {
      const account = this.#accounts.named(name)
      if (account !== undefined) this.#reported.add(account)
    }
    for (const account of this.#reported) {
      const { share, demand, organizationId } = account
      share.observe(this.#elsewhereOf(account), this.#leftBy(account), demand.since, now, this.#fleet)
      if (share.reported === 0 && share.others === 0) this.#reported.delete(account)
      const all = demand.ratio(now) + share.others
      if (all < NEAR_SHARE) continue
      count++
      if (named.length < MOST_NEAR) named.push({ organizationId, share: all })
    }
    this.#near = { count, named }
  }

  /**
   * Returns what the headers of an answer say; undefined for an organization without a quota, and while none is refused:
   * producers that follow the headers would slow down for nothing.
   */
  rateLimit (organizationId: string, kept: number): RateLimit | undefined {
    if (!this.follow() || (this.settings.mode ?? 'true') !== 'true') return undefined
    const now = this.now()
    const account = this.accountOf(organizationId, now) ?? this.#open(organizationId)
    return account?.rateLimit(now, kept)
  }

  /** Forgets all charges and the other replicas. */
  reset (): void {
    this.#accounts.clear()
    this.#reported.clear()
    this.#fleet = new FleetView()
    this.#elsewhere = new Map()
    this.#near = NOBODY_NEAR
  }

  #open (organizationId: string): Account | undefined {
    const terms = this.#book.of(organizationId)
    return terms && this.#accounts.open(organizationId, terms)
  }

  /** A quota that was unused comes into use. */
  #begin (account: Account, now: number): void {
    const others = this.#elsewhereOf(account)
    account.share.begin(others, now, this.#fleet)
    if (others > 0) this.#reported.add(account)
  }

  #elsewhereOf (account: Account): number {
    return this.#elsewhere.size === 0 ? 0 : (this.#elsewhere.get(account.name) ?? 0) / 1_000
  }

  #leftBy ({ name }: Account): number {
    return (this.#elsewhere.get(`${name}${LEFT}`) ?? 0) / 1_000
  }
}
