/*
 * Tells who sends a request, from memory alone. A secret that was verified once costs one lookup of its text.
 * Every other secret costs one SHA-256, whether its id is known or not. Only the request with a new JWT waits, until a
 * thread has verified it.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { ApiPort } from '../connections/api-port.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import { credentialOf, type Credential } from './credential.ts'
import { digestOfKey, idOfKey } from './key-text.ts'
import { expiryOfKey, type KeyRecord } from './key.ts'
import type { KnownKey, KnownKeys } from './known-keys.ts'
import { ANONYMOUS, TOKEN_HOLDER, type Producer } from './producer.ts'
import type { TokenFailure, Tokens, UnfitClaims } from './tokens.ts'

/** Most verified secrets to keep; beyond it all are verified again. */
const MOST_VERIFIED = 10_000

/**
 * Why a request has no producer: it presents no secret, a wrong one, one that has expired, or one of a key that only
 * Redis can know while Redis is out of reach; or the reason of a JWT.
 */
export type AuthFailure = 'missing' | 'unknowable' | TokenFailure

/** The parts of a request that tell who sends it. */
export interface SentRequest {
  readonly headers: RequestHeaders
  /** The address of the client. */
  readonly ip: string
}

/** The producer of a request, or why it has none. */
export type AuthOutcome = Producer | AuthFailure | UnfitClaims

export interface AuthenticatorOptions {
  keys: KnownKeys
  /** The JWTs of an identity provider; undefined without one. */
  tokens?: Pick<Tokens, 'find' | 'verify'> | undefined
  /** ADMIN_TOKEN. */
  adminToken: string | undefined
  /** Whether a request to the port without a key may have a producer at all while there is no key. */
  mayBeAnonymous: (port: ApiPort) => boolean
  /** Whether all keys in Redis are known now. */
  isCurrent: () => boolean
  /** Milliseconds since 1970. */
  now: () => number
  /** Called when a key was used. */
  onUsed: (id: string, now: number) => void
}

interface Verified {
  readonly producer: Producer
  /** Undefined for ADMIN_TOKEN. */
  readonly id: string | undefined
  /** Milliseconds since 1970. */
  readonly untilMs: number
}

export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #adminDigest: Buffer | undefined
  readonly #verified = new Map<string, Verified>()
  #generation = -1

  constructor (options: AuthenticatorOptions) {
    this.#options = options
    const { adminToken } = options
    // Node.js reads each byte of a header as one character.
    this.#adminDigest = adminToken === undefined ? undefined : digest(Buffer.from(adminToken).toString('latin1'))
  }

  /** Whether there can be producers that present a key or a JWT: requests need one then. */
  get hasKeys (): boolean { return this.#options.keys.isAny || this.#options.tokens !== undefined }

  /** Whether a request to the port without a key has a producer. */
  isOpen (port: ApiPort): boolean { return !this.hasKeys && this.#options.mayBeAnonymous(port) }

  /** Whether operators need a secret at the port, if only ADMIN_TOKEN. */
  isSecretNeeded (port: ApiPort): boolean { return this.#adminDigest !== undefined || !this.isOpen(port) }

  /**
   * Returns the producer of a request, or why it has none; a promise of that for a JWT that has to be verified.
   *
   * @param port that the request came to
   * @param isForOperators whether ADMIN_TOKEN guards the route while no key is required
   * @param mayBePassword whether the route accepts a password, which a browser sends unasked
   */
  authenticate (
    request: SentRequest, port: ApiPort, isForOperators: boolean, mayBePassword: boolean
  ): AuthOutcome | Promise<AuthOutcome> {
    if (this.isOpen(port) && !(isForOperators && this.#adminDigest !== undefined)) return ANONYMOUS
    const credential = credentialOf(request.headers)
    if (credential === undefined) return 'missing'
    if (credential.form === 'password' && !mayBePassword) return 'wrong'
    return this.#producerOf(credential, request)
  }

  #producerOf ({ text, form }: Credential, request: SentRequest): AuthOutcome | Promise<AuthOutcome> {
    const { keys, tokens, now, onUsed } = this.#options
    if (this.#generation !== keys.generation) {
      this.#verified.clear()
      this.#generation = keys.generation
    }
    const at = now()
    const mayBeToken = form === 'bearer' && tokens !== undefined
    // The other map would hash the whole text.
    const holder = mayBeToken ? tokens.find(text, at) : undefined
    if (holder !== undefined) return holder
    const known = this.#verified.get(text)
    if (known === undefined) return this.#verify(text, at, mayBeToken ? request : undefined)
    if (at >= known.untilMs) return 'expired'
    if (known.id !== undefined) onUsed(known.id, at)
    return known.producer
  }

  /** @param sent the request, if the text may be a JWT */
  #verify (text: string, at: number, sent: SentRequest | undefined): AuthOutcome | Promise<AuthOutcome> {
    const { keys, tokens, isCurrent, onUsed } = this.#options
    const id = idOfKey(text)
    const presented = digest(text)
    if (this.#adminDigest !== undefined && timingSafeEqual(presented, this.#adminDigest)) {
      return this.#keep(text, { producer: TOKEN_HOLDER, id: undefined, untilMs: Infinity })
    }
    if (id === undefined) return sent === undefined ? 'wrong' : tokens?.verify(text, sent.ip) ?? 'wrong'
    const key = keys.find(id)
    const untilMs = validUntil(key, presented)
    // Another replica may have made or rotated the key while this one cannot read Redis.
    if (key === undefined || untilMs === undefined) return isCurrent() || key?.source === 'file' ? 'wrong' : 'unknowable'
    if (at >= untilMs) return 'expired'
    onUsed(id, at)
    return this.#keep(text, { producer: key.producer, id, untilMs })
  }

  #keep (text: string, verified: Verified): Producer {
    if (this.#verified.size >= MOST_VERIFIED) this.#verified.clear()
    this.#verified.set(text, verified)
    return verified.producer
  }
}

const NO_KEY: Pick<KeyRecord, 'sha256'> = { sha256: digestOfKey('') }

/** Returns until when a key has this digest; undefined if it has another. An unknown key takes the same comparisons. */
function validUntil (key: KnownKey | undefined, presented: Buffer): number | undefined {
  const { sha256, former }: Pick<KeyRecord, 'sha256' | 'former'> = key?.record ?? NO_KEY
  const isPresent = timingSafeEqual(presented, Buffer.from(sha256, 'hex'))
  const isFormer = timingSafeEqual(presented, Buffer.from(former?.sha256 ?? NO_KEY.sha256, 'hex'))
  if (key === undefined) return undefined
  const expiresMs = expiryOfKey(key.record)
  if (isPresent) return expiresMs
  return isFormer && former !== undefined ? Math.min(expiresMs, former.untilMs) : undefined
}

function digest (text: string): Buffer {
  return hash('sha256', Buffer.from(text, 'latin1'), 'buffer')
}
