let lastMs = NaN
let lastText = ''

/** RFC 3339 text of a time in milliseconds of the epoch. Many events come in one millisecond: its text is made once. */
export function timestamp (epochMs: number): string {
  if (epochMs !== lastMs) {
    lastText = new Date(epochMs).toISOString()
    lastMs = epochMs
  }
  return lastText
}
