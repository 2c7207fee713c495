let lastMs = NaN
let lastText = ''

/** Returns a time in milliseconds of the epoch as RFC 3339. Caches the text: many events arrive in one millisecond. */
export function timestamp (epochMs: number): string {
  if (epochMs !== lastMs) {
    lastText = new Date(epochMs).toISOString()
    lastMs = epochMs
  }
  return lastText
}
