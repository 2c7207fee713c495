import type { DeadLetterFilter } from './dead-letter.ts'

/** Returns the lowest score of the dead letters that match a filter, as an argument for Redis. */
export function lowest ({ from }: DeadLetterFilter): string {
  return from === undefined ? '-inf' : String(from * 1_000)
}

/** Returns the highest score; `until` is the score of the last dead letter to visit. */
export function highest ({ to }: DeadLetterFilter, until?: string): string {
  if (to === undefined) return until ?? '+inf'
  const last = to * 1_000 + 999
  return String(until === undefined ? last : Math.min(last, Number(until)))
}
