/*
 * The Retry-After that clients get to see, for experiments about it: the one that the subject computed, none, the same
 * for all, or a spread one with the same mean.
 */
const FIXED_SECONDS = 30

export const HINTS = ['own', 'none', 'fixed', 'jittered'] as const

export type Hint = (typeof HINTS)[number]

/**
 * Returns the seconds of Retry-After in a refusal; undefined if it has none.
 *
 * @param ownSeconds as the subject says
 * @param uniform in (0, 1)
 */
export function hintSeconds (hint: Hint, ownSeconds: number, uniform: number): number | undefined {
  switch (hint) {
    case 'own': return ownSeconds
    case 'none': return undefined
    case 'fixed': return FIXED_SECONDS
    case 'jittered': return FIXED_SECONDS * (0.5 + uniform)
  }
}
