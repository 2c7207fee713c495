/*
 * The tokens that were verified. A hash of a whole token of a thousand characters costs more than the rest of a lookup,
 * so the map has the end of its signature, and then the whole text is compared.
 */
import type { Producer } from './producer.ts'
import type { SigningKey } from './signing-keys.ts'

/** Most verified tokens to keep. */
const MOST_TOKENS = 10_000

/** Most characters of all of them: tokens of a provider may be long. */
const MOST_CHARACTERS = 16_777_216

/** Characters of the end: 144 bits of a signature. Tokens that share it only replace each other. */
const END_CHARACTERS = 24

interface VerifiedToken {
  readonly text: string
  readonly producer: Producer
  /** Its `exp`, milliseconds since 1970. */
  readonly untilMs: number
  readonly key: SigningKey
}

/** Bounded; the oldest token is forgotten first, and only costs another verification. */
export class VerifiedTokens {
  readonly #byEnd = new Map<string, VerifiedToken>()
  #characters = 0

  /** Returns the producer of a token; undefined if it is not known, or the key set has lost its key. */
  find (text: string, at: number): Producer | 'expired' | undefined {
    const token = this.#byEnd.get(endOf(text))
    if (token === undefined || token.text !== text) return undefined
    if (!token.key.isCurrent) {
      this.#forget(endOf(text))
      return undefined
    }
    return at < token.untilMs ? token.producer : 'expired'
  }

  keep (token: VerifiedToken): void {
    const end = endOf(token.text)
    this.#forget(end)
    this.#byEnd.set(end, token)
    this.#characters += token.text.length
    for (const [oldest] of this.#byEnd) {
      if (this.#byEnd.size <= MOST_TOKENS && this.#characters <= MOST_CHARACTERS) return
      this.#forget(oldest)
    }
  }

  #forget (end: string): void {
    this.#characters -= this.#byEnd.get(end)?.text.length ?? 0
    this.#byEnd.delete(end)
  }
}

function endOf (text: string): string {
  return text.slice(-END_CHARACTERS)
}
