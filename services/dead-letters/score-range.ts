import type { DeadLetterFilter } from './dead-letter.ts'

/** The lowest score of the dead letters that a filter lets pass, as Redis takes it. */
export function lowest ({ from }: DeadLetterFilter): string {
  return from === undefined ? '-inf' : String(from * 1_000)
}

/** The highest one; `until` is the score of the last dead letter to look at. */
export function highest ({ to }: DeadLetterFilter, until?: string): string {
  if (to === undefined) return until ?? '+inf'
  const last = to * 1_000 + 999
  return String(until === undefined ? last : Math.min(last, Number(until)))
}
