import type { Pattern } from '../pattern.ts'

/** Triples half-way. */
const step: Pattern = { rate: (share) => share < 0.5 ? 1 : 3 }

export default step
