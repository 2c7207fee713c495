/*
 * The accounts of organizations, in a bounded number of places.
 *
 * An organization whose buckets are full needs no place: one that comes for the first time is like it. So a new one
 * takes the place of one that is full. If there is none, it shares one account with all others that have no place. An
 * account that is not full keeps its place: names that never repeat cannot push out an organization that exceeds its
 * quota. Organizations with values of their own in the settings always get a place, since the settings are bounded.
 *
 *   places   a ─ b ─ c ─ d ─ … ─ z ─┐     the hand looks at some places for each newcomer, as the hand of a clock
 *            ▲    ▲                 │
 *            └────┼─────────────────┘
 *                hand
 */
import { Account } from './account.ts'
import type { Terms, TermsBook } from './quota.ts'

const MOST_PLACES = 20_000

/** Places that a newcomer looks at, so that a flood of names costs each of them the same. */
const LOOKS = 4

/** The organization of the account that organizations without a place share, and its name, which is in no report. */
const NO_PLACE = ''

export class Accounts {
  readonly #mostPlaces: number
  readonly #accounts = new Map<string, Account>()
  /** The same by the names of reports. */
  readonly #byName = new Map<string, Account>()
  #hand: Iterator<Account> | undefined
  #shared: Account | undefined

  constructor (mostPlaces = MOST_PLACES) {
    this.#mostPlaces = mostPlaces
  }

  get all (): Iterable<Account> { return this.#accounts.values() }

  /** The account of an organization that has a place. */
  find (organizationId: string): Account | undefined {
    return this.#accounts.get(organizationId)
  }

  /** The account with a name of reports. */
  named (name: string): Account | undefined {
    return this.#byName.get(name)
  }

  /** Returns the account that a newcomer shares with others; undefined if there is room for one of its own. */
  sharedFor (organizationId: string, terms: Terms, book: TermsBook, now: number): Account | undefined {
    if (book.isNamed(organizationId) || this.#hasRoom(now)) return undefined
    return this.#shared ??= new Account(NO_PLACE, terms, NO_PLACE)
  }

  /** Opens the account of an organization for which there is room. */
  open (organizationId: string, terms: Terms): Account {
    const account = new Account(organizationId, terms)
    this.#accounts.set(organizationId, account)
    this.#byName.set(account.name, account)
    return account
  }

  /** Gives all accounts their terms under other settings. */
  follow (book: TermsBook, now: number): void {
    for (const [organizationId, account] of this.#accounts) {
      const terms = book.of(organizationId)
      if (terms === undefined) this.#close(account)
      else account.follow(terms, now)
    }
    if (book.default === undefined) this.#shared = undefined
    else this.#shared?.follow(book.default, now)
  }

  clear (): void {
    this.#accounts.clear()
    this.#byName.clear()
    this.#hand = undefined
    this.#shared = undefined
  }

  /** Makes room if there is none, by forgetting an account that is full. */
  #hasRoom (now: number): boolean {
    if (this.#accounts.size < this.#mostPlaces) return true
    for (let looks = 0; looks < LOOKS; looks++) {
      const account = this.#next()
      if (account?.isForgettable(now) === true) {
        this.#close(account)
        return true
      }
    }
    return false
  }

  #close ({ organizationId, name }: Account): void {
    this.#accounts.delete(organizationId)
    this.#byName.delete(name)
  }

  #next (): Account | undefined {
    this.#hand ??= this.#accounts.values()
    const { done = false, value } = this.#hand.next()
    if (!done) return value as Account
    this.#hand = undefined
    return undefined
  }
}
