import type { Producer } from './producer.ts'
import type { SigningKey } from './signing-keys.ts'

/** Most verified tokens to keep. */
const MOST_TOKENS = 10_000

/** Most characters of all of them: tokens of a provider may be long. */
const MOST_CHARACTERS = 16_777_216

interface VerifiedToken {
  readonly producer: Producer
  /** Its `exp`, milliseconds since 1970. */
  readonly untilMs: number
  readonly key: SigningKey
}

/** The tokens that were verified, by their text. The oldest is forgotten first, and only costs another verification. */
export class VerifiedTokens {
  readonly #byText = new Map<string, VerifiedToken>()
  #characters = 0

  /** Returns the producer of a token; undefined if it is not known, or the key set has lost its key. */
  find (text: string, at: number): Producer | 'expired' | undefined {
    const token = this.#byText.get(text)
    if (token === undefined) return undefined
    if (!token.key.isCurrent) {
      this.#forget(text)
      return undefined
    }
    return at < token.untilMs ? token.producer : 'expired'
  }

  keep (text: string, token: VerifiedToken): void {
    this.#forget(text)
    this.#byText.set(text, token)
    this.#characters += text.length
    for (const [oldest] of this.#byText) {
      if (this.#byText.size <= MOST_TOKENS && this.#characters <= MOST_CHARACTERS) return
      this.#forget(oldest)
    }
  }

  #forget (text: string): void {
    if (this.#byText.delete(text)) this.#characters -= text.length
  }
}
