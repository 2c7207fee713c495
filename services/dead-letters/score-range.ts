import type { LetterFilter } from './dead-letter.ts'

/** The lowest score of the letters that a filter lets pass, as Redis takes it. */
export function lowest ({ from }: LetterFilter): string {
  return from === undefined ? '-inf' : String(from * 1_000)
}

/** The highest one; `until` is the score of the last letter to look at. */
export function highest ({ to }: LetterFilter, until?: string): string {
  if (to === undefined) return until ?? '+inf'
  const last = to * 1_000 + 999
  return String(until === undefined ? last : Math.min(last, Number(until)))
}
