/** A stretch of time. */
export interface Span {
  readonly atMs: number
  readonly forMs: number
}

export function isWithin (spans: readonly Span[], at: number): boolean {
  return spans.some(({ atMs, forMs }) => at >= atMs && at < atMs + forMs)
}
