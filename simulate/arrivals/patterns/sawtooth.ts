import type { Pattern } from '../pattern.ts'

const TEETH = 6

/** Grows and falls back at once, over and over. */
const sawtooth: Pattern = { rate: (share) => 0.5 + 3 * (share * TEETH % 1) }

export default sawtooth
