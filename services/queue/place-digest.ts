/*
 * An event without an id of its own gets its place as id, `<batch>.<index>-<digest>`. The digest derives from a secret
 * of the batch: an id reveals the batch and its size, but no other digest, so nobody can guess the id of another event.
 * The secret stays with the batch, in Redis and in the spool, as long as receipts are available.
 *
 *   secret   <digest of index 0> <key>         a lone event needs no key, and no hash
 *   digest   of index 1 to 10: a part of SHA-512(key 0), of 11 to 20: of SHA-512(key 1), …
 */
import { hash, timingSafeEqual } from 'node:crypto'

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
    this.#first = secret.slice(0, DIGEST_LENGTH)
    this.#key = secret.slice(DIGEST_LENGTH)
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

/** Tells in constant time whether a digest belongs to a place. */
export function isPlaceDigest (secret: string, index: number, digest: string): boolean {
  const expected = Buffer.from(new PlaceDigests(secret).at(index))
  const given = Buffer.from(digest)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
