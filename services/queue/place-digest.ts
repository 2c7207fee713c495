/*
 * An event without an id of its own gets its place as id, `<batch>.<index>-<digest>`. The digest derives from a secret
 * of the batch: an id reveals the batch and its size, but no other digest, so nobody can guess the id of another event.
 * The secret stays with the batch, in Redis and in the spool, as long as receipts are available. It also tells whose the
 * events are, so an id of one organization leads another one nowhere. A single owner stands for all events.
 *
 *   secret   <digest of index 0> <key>         a lone event needs no key, and no hash
 *            …:<owner>,<owner>,…               digests of the organizations of events with API keys, in order
 *   digest   of index 1 to 10: a part of SHA-512(key 0), of 11 to 20: of SHA-512(key 1), …
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { QueuedEvent } from '../event/event.ts'
import { textDigest } from '../event/text-digest.ts'

/** Characters of a digest: 48 bits in base64url. */
const DIGEST_LENGTH = 8

const DIGEST_BYTES = 6
const KEY_BYTES = 18
/** Digests that one hash of 86 characters holds. */
const DIGESTS_PER_HASH = 10

/**
 * Makes the secret of a batch.
 *
 * @param random returns this many random bytes
 */
export function newSecret (events: number, random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(events === 1 ? DIGEST_BYTES : DIGEST_BYTES + KEY_BYTES)).toString('base64url')
}

/** The digests of the places of one batch; in the order of their indexes they cost one hash for each ten. */
export class PlaceDigests {
  readonly #first: string
  readonly #key: string
  #hashNumber = -1
  #hash = ''

  constructor (secret: string) {
    const [own = ''] = secret.split(OWNERS, 1)
    this.#first = own.slice(0, DIGEST_LENGTH)
    this.#key = own.slice(DIGEST_LENGTH)
  }

  at (index: number): string {
    if (index === 0) return this.#first
    const number = Math.floor((index - 1) / DIGESTS_PER_HASH)
    if (number !== this.#hashNumber) {
      this.#hash = hash('sha512', `${this.#key}${number}`, 'base64url')
      this.#hashNumber = number
    }
    const start = (index - 1) % DIGESTS_PER_HASH * DIGEST_LENGTH
    return this.#hash.slice(start, start + DIGEST_LENGTH)
  }
}

/** Separates the owners from the secret itself, and from each other; base64url has neither character. */
const OWNERS = ':'
const NEXT_OWNER = ','

/** Adds the owners of the events to the secret of their batch. Events without a key have none. */
export function withOwners (secret: string, events: readonly QueuedEvent[]): string {
  if (events.every(({ ceiling }) => ceiling === undefined)) return secret
  const owners = events.map(({ ceiling, organizationId = '' }) => ceiling === undefined ? '' : textDigest(organizationId))
  const [first = ''] = owners
  return secret + OWNERS + (owners.every((owner) => owner === first) ? first : owners.join(NEXT_OWNER))
}

/**
 * Tells in constant time whether a digest belongs to a place.
 *
 * @param within the organization that the event has to belong to; any by default
 */
export function isPlaceDigest (secret: string, index: number, digest: string, within?: string): boolean {
  const expected = Buffer.from(new PlaceDigests(secret).at(index))
  const given = Buffer.from(digest)
  return given.length === expected.length && timingSafeEqual(given, expected) &&
    (within === undefined || ownerAt(secret, index) === textDigest(within))
}

function ownerAt (secret: string, index: number): string | undefined {
  const owners = secret.split(OWNERS)[1]?.split(NEXT_OWNER) ?? []
  return owners.length === 1 ? owners[0] : owners[index]
}
