/* A valid JWT whose bytes are changed, and one that stands in a wrong place. */
import type { Forged } from './forged-tokens.ts'
import { basicField, bearerField, keyField } from './tampered-keys.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const BITS_OF_CHARACTER = 6
/** Beyond the longest token that a service looks into, and beyond the head of a request. */
const LENGTHS = [8_200, 12_000, 20_000]

/** The last character of a signature has bits that belong to no byte: each of its values has to be refused. */
export function lastCharacters (token: string): Forged[] {
  return [...ALPHABET].map((character): Forged => [`last character ${character}`, token.slice(0, -1) + character])
    .filter(([, changed]) => changed !== token)
}

/** Each of so many bits of the token changed, from its end. */
export function flippedBits (token: string, most: number): Forged[] {
  return Array.from({ length: Math.min(most, token.length * BITS_OF_CHARACTER) }, (_, bit): Forged => {
    const at = token.length - 1 - Math.floor(bit / BITS_OF_CHARACTER)
    const value = ALPHABET.indexOf(token.charAt(at))
    const other = value === -1 ? '-' : ALPHABET.charAt(value ^ 1 << bit % BITS_OF_CHARACTER)
    return [`bit ${bit} from the end`, token.slice(0, at) + other + token.slice(at + 1)]
  })
}

/** Signatures of other forms, and texts that only resemble a token. */
export function misshapen (token: string, other: string): Forged[] {
  const [head = '', body = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const withSignature = (text: string) => `${head}.${body}.${text}`
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)]
  const der = Buffer.concat([Buffer.from([0x30, 70, 2, 33, 0]), r, Buffer.from([2, 33, 0]), s])
  return [
    ['a signature of zeros', withSignature(Buffer.alloc(64).toString('base64url'))],
    ['a signature of ones', withSignature(Buffer.alloc(64, 0xff).toString('base64url'))],
    ['a signature with its halves swapped', withSignature(Buffer.concat([s, r]).toString('base64url'))],
    ['a signature in DER', withSignature(der.toString('base64url'))],
    ['a signature and a byte', withSignature(Buffer.concat([bytes, Buffer.from([0])]).toString('base64url'))],
    ['half a signature', withSignature(r.toString('base64url'))],
    ['no signature', withSignature('')],
    ['the signature of another token', withSignature(other.split('.')[2] ?? '')],
    ['a padded signature', `${token}=`], ['a doubly padded signature', `${token}==`],
    ['a signature in base64', withSignature(`${bytes.toString('base64').replaceAll('=', '')}+`)],
    ['a line of a signature', withSignature(`${signature.slice(0, 40)} ${signature.slice(40)}`)],
    ['two parts', `${head}.${body}`], ['four parts', `${token}.${signature}`],
    ['five parts', `${token}.${body}.${signature}`],
    ['empty parts', '..'], ['an empty body', `${head}..${signature}`], ['an empty head', `.${body}.${signature}`],
    ['a dot before it', `.${token}`], ['a dot behind it', `${token}.`], ['two tokens', `${token}, ${token}`],
    ['two tokens in one', `${token}${token}`], ['Bearer twice', `Bearer ${token}`], ['quotes', `"${token}"`],
    ['an encoded character', `${token}%00`], ['a foreign character', `${token}\u00e9`],
    ['upper case', token.toUpperCase()], ['nothing', ''],
    ['JSON', JSON.stringify({ protected: head, payload: body, signature })],
    ...LENGTHS.flatMap((length): Forged[] => [
      [`a signature of ${length} characters`, withSignature(signature.padEnd(length, 'A'))],
      [`a head of ${length} characters`, `${head.padEnd(length, 'A')}.${body}.${signature}`]
    ])
  ]
}

/** Fields that hold a valid token where a service must not look for one. */
export function misplacedTokens (token: string, wrong: string): string[] {
  return [
    '', `Cookie: token=${token}\r\n`, `Proxy-Authorization: Bearer ${token}\r\n`, keyField(token),
    `Authorization: JWT ${token}\r\n`, `Authorization: ${token}\r\n`, `Authorization: DPoP ${token}\r\n`,
    // The field of the service counts, whatever a proxy adds beside it.
    keyField(wrong) + bearerField(token), bearerField(wrong) + bearerField(token),
    basicField(`x:${token}`), basicField(token), basicField(`${token}:`)
  ]
}
