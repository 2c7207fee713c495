import type { Pattern } from '../pattern.ts'

/** Grows fivefold. */
const ramp: Pattern = { rate: (share) => 1 + 4 * share }

export default ramp
