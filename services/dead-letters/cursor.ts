/** Encodes the end of a page of dead letters for a request for the next page, which hands it back as it is. */
export function encodeCursor (score: string): string {
  return Buffer.from(`d${score}`).toString('base64url')
}

/** Undefined for a text that is no cursor. */
export function decodeCursor (cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString()
  return /^d\d{1,16}$/.test(text) && encodeCursor(text.slice(1)) === cursor ? text.slice(1) : undefined
}
