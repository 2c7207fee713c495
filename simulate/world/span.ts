/** A stretch of time. */
export interface Span {
  readonly atMs: number
  readonly forMs: number
}

export function spanAt (spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ atMs, forMs }) => at >= atMs && at < atMs + forMs)
}

export function isWithin (spans: readonly Span[], at: number): boolean {
  return spanAt(spans, at) !== undefined
}
