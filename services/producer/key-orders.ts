/*
 * Orders of operators for keys in Redis: make, rotate and revoke. An order can give no more than its giver has: a key
 * that is bound to an organization reaches only keys of that organization, and none above its own ceiling or beyond
 * its own expiry. A rotation gives too, since its giver gets the new secret.
 */
import type { FieldError } from '../event/field-error.ts'
import { digestOfKey, newKey } from './key-text.ts'
import { expiryOfKey, typesBytes, type KeyOrder, type KeyRecord } from './key.ts'
import type { FullBound } from './key-room.ts'
import type { KeyStore } from './key-store.ts'
import type { KnownKey, KnownKeys } from './known-keys.ts'
import type { Producer } from './producer.ts'

export type KeyOutcome =
  /** The key is shown once. `isOperated` tells whether anybody can still operate the whole service. */
  | { readonly kind: 'done', readonly record: KeyRecord, readonly key?: string, readonly isOperated: boolean }
  | { readonly kind: 'unknown' }
  /** The key comes from the key file, which only its owner changes. */
  | { readonly kind: 'from-file' }
  /** The giver of the order does not have these rights itself. */
  | { readonly kind: 'exceeding', readonly errors: readonly FieldError[] }
  /** Somebody else changed the key at the same time. */
  | { readonly kind: 'contended' }
  /** There are too many keys, or too long ones. */
  | { readonly kind: 'full', readonly bound: FullBound }
  /** A former secret counts until then, and the order did not ask to end it; milliseconds since 1970. */
  | { readonly kind: 'in-grace', readonly untilMs: number }

export interface KeyOrdersOptions {
  known: KnownKeys
  store: KeyStore
  /** Whether others than keys may operate the service: the holder of ADMIN_TOKEN, or those of JWTs. */
  hasOtherOperators: boolean
  /** Milliseconds since 1970. */
  now: () => number
}

/** A page ends once the types of its keys have more bytes: its answer is made within one turn of the event loop. */
const MOST_PAGE_BYTES = 1_048_576

/** The place of a page in a list of keys. */
export interface KeyPage {
  readonly limit: number
  /** The id of the last key of the page before. */
  readonly after: string | undefined
}

/** Rejects if Redis is out of reach. */
export class KeyOrders {
  readonly #options: KeyOrdersOptions

  constructor (options: KeyOrdersOptions) {
    this.#options = options
  }

  /** Makes a key. */
  async create (order: KeyOrder, giver: Producer): Promise<KeyOutcome> {
    const errors = this.#exceedingFields(order, giver)
    if (errors.length > 0) return { kind: 'exceeding', errors }
    const { id, key } = newKey()
    const record = { id, ...order, sha256: digestOfKey(key), createdAt: this.#time() }
    const change = await this.#options.store.create(record, giver.organizationId !== undefined)
    if (typeof change === 'object') return { kind: 'full', bound: change.full }
    return change === 'changed' ? this.#done(record, key) : { kind: 'contended' }
  }

  /**
   * Gives a key another secret; the present one counts for a while.
   *
   * @param mayEndFormer whether the secret before the present one may end, if it counts still
   */
  async rotate (id: string, graceMs: number, mayEndFormer: boolean, giver: Producer): Promise<KeyOutcome> {
    const found = this.#find(id, giver)
    if ('kind' in found) return found
    const now = this.#options.now()
    const { sha256, former: earlier, ...rest } = found.record
    if (!mayEndFormer && earlier !== undefined && earlier.untilMs > now) {
      return { kind: 'in-grace', untilMs: earlier.untilMs }
    }
    const { key } = newKey(id)
    const former = { sha256, untilMs: now + graceMs }
    const record = { ...rest, sha256: digestOfKey(key), ...(graceMs > 0 && { former }), rotatedAt: this.#time() }
    return await this.#options.store.replace(record) === 'changed' ? this.#done(record, key) : { kind: 'contended' }
  }

  /** Revokes a key. */
  async revoke (id: string, giver: Producer): Promise<KeyOutcome> {
    const found = this.#find(id, giver)
    if ('kind' in found) return found
    const change = await this.#options.store.delete(id)
    return change === 'changed' ? this.#done(found.record) : { kind: 'contended' }
  }

  /** Returns a page of the keys that a producer may see, in the order of their ids. */
  list (giver: Producer, { limit, after = '' }: KeyPage): { readonly keys: readonly KnownKey[], readonly next?: string } {
    const keys: KnownKey[] = []
    let bytes = 0
    for (const key of this.#options.known.all()) {
      if (key.record.id <= after || !isWithin(key.producer, giver)) continue
      const last = keys.at(-1)
      const isFull = keys.length === limit || bytes > MOST_PAGE_BYTES
      if (isFull && last !== undefined) return { keys, next: last.record.id }
      keys.push(key)
      bytes += typesBytes(key.record)
    }
    return { keys }
  }

  #done (record: KeyRecord, key?: string): KeyOutcome {
    return { kind: 'done', record, isOperated: this.#isOperated(), ...(key !== undefined && { key }) }
  }

  #isOperated (): boolean {
    const { known, hasOtherOperators, now } = this.#options
    return hasOtherOperators || known.all().some(({ producer: { scopes, organizationId }, record }) =>
      scopes.has('admin') && organizationId === undefined && expiryOfKey(record) > now())
  }

  #find (id: string, giver: Producer): KnownKey | Extract<KeyOutcome, { kind: 'unknown' | 'from-file' | 'exceeding' }> {
    const key = this.#options.known.find(id)
    if (key === undefined || !isWithin(key.producer, giver)) return { kind: 'unknown' }
    if (key.source === 'file') return { kind: 'from-file' }
    const errors = this.#exceedingFields(key.record, giver)
    return errors.length > 0 ? { kind: 'exceeding', errors } : key
  }

  #exceedingFields (order: KeyOrder, giver: Producer): readonly FieldError[] {
    const own = this.#options.known.find(giver.id)?.record
    const isLonger = own !== undefined && giver.isKey && expiryOfKey(order) > expiryOfKey(own)
    return [
      ...exceedingFields(order, giver),
      ...isLonger ? [{ field: 'expiresAt', message: `Expected ${own.expiresAt} or earlier, the expiry of your key` }] : []
    ]
  }

  #time (): string {
    return new Date(this.#options.now()).toISOString()
  }
}

function isWithin ({ organizationId }: Producer, giver: Producer): boolean {
  return giver.organizationId === undefined || giver.organizationId === organizationId
}

function exceedingFields (
  { organizationId, bestPriority = 1, types }: KeyOrder, giver: Producer
): readonly FieldError[] {
  const isForeign = giver.organizationId !== undefined && organizationId !== giver.organizationId
  const isWider = giver.types !== undefined && (types === undefined || types.some((type) => !giver.types?.has(type)))
  return [
    ...isForeign ? [{ field: 'organizationId', message: `Expected ${giver.organizationId}, the organization of your key` }] : [],
    ...bestPriority < giver.bestPriority
      ? [{ field: 'bestPriority', message: `Expected ${giver.bestPriority} or more, the ceiling of your key` }]
      : [],
    ...isWider ? [{ field: 'types', message: 'Expected types that your key lists' }] : []
  ]
}
