import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { BrotliDecompress, Gunzip, Inflate, ZstdDecompress } from 'node:zlib'
import { quoted } from '../event/quoted.ts'
import type { RequestHeaders } from '../event/request-headers.ts'

/** A content coding of RFC 9110 8.4.1, RFC 7932 or RFC 8878. */
export interface ContentCoding {
  readonly name: string
  readonly decoder: () => BrotliDecompress | Gunzip | Inflate | ZstdDecompress
  /** Most bytes of earlier output that the decoder keeps to copy from. */
  readonly windowBytes: number
}

/** RFC 9659 allows senders a window of 8 MiB; frames that ask for more are refused. */
const ZSTD_WINDOW_BITS = 23

const gzip: ContentCoding = { name: 'gzip', decoder: createGunzip, windowBytes: 32_768 }

const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { name: 'deflate', decoder: createInflate, windowBytes: 32_768 }],
  ['br', { name: 'br', decoder: createBrotliDecompress, windowBytes: 16_777_216 }],
  ['zstd', {
    name: 'zstd',
    decoder: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS } }),
    windowBytes: 2 ** ZSTD_WINDOW_BITS
  }]
])

/** The header Accept-Encoding of an answer to a body in another coding (RFC 7694). */
export const ACCEPTED_CODINGS = 'gzip, deflate, br, zstd'

/** The header Content-Encoding names a coding that is not supported, or several. */
export class UnsupportedCodingError extends Error {
  readonly statusCode = 415
}

/**
 * Returns the coding of a body, undefined if it is sent as it is.
 *
 * Several codings are refused: each would multiply the bytes that the one before it yields.
 */
export function codingOf (headers: RequestHeaders): ContentCoding | UnsupportedCodingError | undefined {
  const header = headers['content-encoding']
  if (header === undefined) return undefined
  const names = String(header).split(',').map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const [name] = names
  if (name === undefined) return undefined
  if (names.length > 1) {
    return new UnsupportedCodingError(
      `Content-Encoding ${quoted(String(header))} is not supported; compress the body once, or not at all`
    )
  }
  return CODINGS.get(name) ?? new UnsupportedCodingError(
    `Content-Encoding ${quoted(String(header))} is not supported; use one of ${ACCEPTED_CODINGS}, or leave it out`
  )
}
