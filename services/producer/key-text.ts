/*
 * The text of a key, `spw_<id>_<secret>`. The id names the record of the key and is no secret. The secret has 256 random
 * bits, so its digest needs neither salt nor a slow hash: nobody can try all secrets.
 */
import { hash, randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_CHARACTERS = 12
/** 62^43 is more than 2^256. */
const SECRET_CHARACTERS = 43

/** The form of a key and of its id. */
const KEY_PATTERN = `spw_[0-9A-Za-z]{${ID_CHARACTERS}}_[0-9A-Za-z]{${SECRET_CHARACTERS}}`
export const KEY_ID_PATTERN = `[0-9A-Za-z]{${ID_CHARACTERS}}`

const KEY = new RegExp(`^${KEY_PATTERN}$`)
const ID_START = 'spw_'.length
const KEY_CHARACTERS = ID_START + ID_CHARACTERS + 1 + SECRET_CHARACTERS

/** A new key with its id. */
export interface KeyText {
  readonly id: string
  /** Shown once, and stored nowhere. */
  readonly key: string
}

/** Makes a key, with a new id by default. */
export function newKey (id = randomText(ID_CHARACTERS)): KeyText {
  return { id, key: `spw_${id}_${randomText(SECRET_CHARACTERS)}` }
}

/** Returns the id in a key; undefined for any other text. */
export function idOfKey (text: string): string | undefined {
  // Any header may come here; a long one is not searched.
  if (text.length !== KEY_CHARACTERS || !KEY.test(text)) return undefined
  return text.slice(ID_START, ID_START + ID_CHARACTERS)
}

/** Returns the SHA-256 of a key in hexadecimal, by which it is stored. */
export function digestOfKey (key: string): string {
  return hash('sha256', key, 'hex')
}

/** Returns uniform characters: bytes beyond the last multiple of 62 are skipped. */
function randomText (characters: number): string {
  let text = ''
  while (text.length < characters) {
    for (const byte of randomBytes(characters)) {
      if (byte < 248 && text.length < characters) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return text
}
