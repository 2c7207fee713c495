/** Encodes the end of a page of dead letters; the request for the next page returns it unchanged. */
export function encodeCursor (score: string): string {
  return Buffer.from(`d${score}`).toString('base64url')
}

/** Returns undefined for a text that is not a cursor. */
export function decodeCursor (cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  return /^d\d{1,16}$/.test(text) && encodeCursor(text.slice(1)) === cursor ? text.slice(1) : undefined
}
