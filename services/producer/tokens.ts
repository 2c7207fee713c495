/*
 * Tells who presents a JWT. A token that was verified once costs one lookup of its text, until it expires or the key set
 * loses the key that signed it. Every other token passes checks in the order of their cost:
 *
 *   length, form, algorithm   at once; most texts that are no tokens end here
 *   key                       at once; an unknown one may make the key set be read again
 *   signature, claims         in a thread of Node.js, for a bounded number of tokens at once, in which clients take
 *                             turns; the request waits
 */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import type { FieldError } from '../event/field-error.ts'
import type { Producer } from './producer.ts'
import type { SigningKey } from './signing-keys.ts'
import { producerOfClaims, type TokenRightsOptions } from './token-claims.ts'
import { clientOf, VerificationPlaces } from './verification-places.ts'
import { VerifiedTokens } from './verified-tokens.ts'

/** Asymmetric algorithms only: with a shared secret, everybody who can verify a token could make one. */
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'
]

/** Longest token that is looked into, in characters; the head of a request may have twice as many. */
const MOST_CHARACTERS = 8_192

/** How far the clock of the provider may be ahead, for `nbf`. */
const TOLERANCE_SECONDS = 5

/** Three parts in base64url. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Why a token has no producer, in the terms of the metrics. */
export type TokenFailure = 'wrong' | 'expired' | 'unverifiable' | 'too-many-verifications'

/** A token of the provider whose claims give no usable rights. */
export interface UnfitClaims {
  readonly unfit: readonly FieldError[]
}

export interface TokensOptions extends TokenRightsOptions {
  keySet: {
    readonly readAtMs: number | undefined
    readonly isReading: boolean
    readonly find: (id: string | undefined) => SigningKey | undefined
    readonly refresh: () => Promise<void>
  }
  issuer: string
  audience: string
  /** Milliseconds since 1970. */
  now: () => number
}

export type TokenOutcome = Producer | TokenFailure | UnfitClaims

export class Tokens {
  readonly #options: TokensOptions
  readonly #verified = new VerifiedTokens()
  readonly #places = new VerificationPlaces()
  readonly #verifying = new Map<string, Promise<TokenOutcome>>()

  constructor (options: TokensOptions) {
    this.#options = options
  }

  /** Returns the producer of a token that was verified before; undefined if it has to be verified. */
  find (text: string, at: number): Producer | 'expired' | undefined {
    return this.#verified.find(text, at)
  }

  /**
   * Verifies a token; requests with the same token wait for one verification.
   *
   * @param address of the client, which takes turns with others
   */
  verify (text: string, address: string): TokenFailure | Promise<TokenOutcome> {
    const header = headerOf(text)
    if (header === undefined) return 'wrong'
    const begun = this.#verifying.get(text)
    if (begun !== undefined) return begun
    const key = this.#options.keySet.find(header.kid)
    if (key === undefined) return this.#withUnknownKey(text)
    const place = this.#places.take(clientOf(address))
    if (place === undefined) return 'too-many-verifications'
    const verification = this.#verifyInTurn(place, text, key).finally(() => this.#verifying.delete(text))
    this.#verifying.set(text, verification)
    return verification
  }

  /**
   * A token that is younger than the key set may have a key that is not in it yet. Its claim is not verified: a made-up
   * one changes the answer only.
   */
  #withUnknownKey (text: string): TokenFailure {
    const { keySet } = this.#options
    void keySet.refresh()
    if (keySet.readAtMs === undefined || keySet.isReading) return 'unverifiable'
    return issuedAtMs(text) > keySet.readAtMs ? 'unverifiable' : 'wrong'
  }

  async #verifyInTurn (place: Promise<boolean>, text: string, key: SigningKey): Promise<TokenOutcome> {
    if (!await place) return 'too-many-verifications'
    try {
      return await this.#verify(text, key)
    } finally {
      this.#places.give()
    }
  }

  async #verify (text: string, key: SigningKey): Promise<TokenOutcome> {
    const { issuer, audience, now } = this.#options
    let payload: JWTPayload
    try {
      ({ payload } = await jwtVerify(text, key.resolve, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(now())
      }))
    } catch (error) {
      return error instanceof errors.JWTExpired ? 'expired' : 'wrong'
    }
    // The tolerance is for `nbf` alone: a token ends when its provider says so.
    const untilMs = (payload.exp as number) * 1_000
    if (now() >= untilMs) return 'expired'
    // The key set lost the key meanwhile.
    if (!key.isCurrent) return 'wrong'
    const decoded = producerOfClaims(payload, this.#options)
    if (!decoded.ok) return { unfit: decoded.errors }
    this.#verified.keep({ text, producer: decoded.value, untilMs, key })
    return decoded.value
  }
}

/** Returns the header of a text that may be a token of the provider. */
function headerOf (text: string): { readonly kid: string | undefined } | undefined {
  if (text.length > MOST_CHARACTERS || !FORM.test(text) || !hasOneForm(text)) return undefined
  try {
    const { alg, kid } = decodeProtectedHeader(text)
    if (!ALGORITHMS.includes(alg as string)) return undefined
    return kid === undefined || typeof kid === 'string' ? { kid } : undefined
  } catch {
    return undefined
  }
}

/** The last character of a signature may have bits that no byte has, and would make several texts of one token. */
function hasOneForm (text: string): boolean {
  const signature = text.slice(text.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

function issuedAtMs (text: string): number {
  try {
    return Number(decodeJwt(text).iat ?? 0) * 1_000
  } catch {
    return 0
  }
}
