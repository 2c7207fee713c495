/*
 * The keys with which an identity provider signs its tokens, as its key set (RFC 7517) had them last. A key that stays
 * from one reading to the next stays the same object, so what was verified with it remains verified; a key that is gone
 * is marked, and nothing that was verified with it counts any more.
 */
import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import { isRecord } from '../event/record.ts'

/** Most keys of a set; providers have two or three. */
const MOST_KEYS = 100

/** Kinds of asymmetric keys. A secret (`oct`) in a public document is none. */
const KINDS: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP'])

/** The keys with one id, nearly always a single one. */
export interface SigningKey {
  /** Returns the key for the header of a token; rejects if the algorithm is none of the key. */
  readonly resolve: JWTVerifyGetKey
  /** Whether the key set still has it. */
  readonly isCurrent: boolean
}

interface HeldKey extends SigningKey {
  /** Tells whether a reading changed it. */
  readonly text: string
  isCurrent: boolean
}

export class SigningKeys {
  #byId: ReadonlyMap<string | undefined, HeldKey> = new Map()

  get size (): number { return this.#byId.size }

  /** Returns the key that the header of a token names. A token that names none can only mean the only one. */
  find (id: string | undefined): SigningKey | undefined {
    if (id !== undefined) return this.#byId.get(id)
    const [only, ...others] = this.#byId.values()
    return others.length === 0 ? only : undefined
  }

  /** Replaces the keys. */
  adopt (keys: readonly JWK[]): void {
    const before = this.#byId
    this.#byId = new Map([...Map.groupBy(keys, ({ kid }) => kid)].map(([id, group]) => {
      // Some providers change the order of the members.
      const text = JSON.stringify(group.map((key) => Object.entries(key).toSorted()))
      const held = before.get(id)
      if (held?.text === text) return [id, held]
      return [id, { text, resolve: createLocalJWKSet({ keys: group } as JSONWebKeySet), isCurrent: true }]
    }))
    for (const [id, held] of before) held.isCurrent = this.#byId.get(id) === held
  }
}

/**
 * Reads the text of a key set, and leaves out keys that are not for signatures.
 *
 * @throws Error if it is no key set
 */
export function parseKeySet (text: string): readonly JWK[] {
  const keys = keysIn(text)
  if (!Array.isArray(keys)) throw new Error('the answer is no JSON Web Key Set')
  if (keys.length > MOST_KEYS) throw new Error(`the key set has ${keys.length} keys of at most ${MOST_KEYS}`)
  return keys.filter(isForSignatures)
}

function keysIn (text: string): unknown {
  try {
    return JSON.parse(text)?.keys
  } catch {
    return undefined
  }
}

function isForSignatures (key: unknown): key is JWK {
  return isRecord(key) && KINDS.has(key.kty) && (key.use === undefined || key.use === 'sig') &&
    // A private key that is published belongs to everybody.
    key.d === undefined && (key.kid === undefined || typeof key.kid === 'string')
}
