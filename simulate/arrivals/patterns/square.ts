import type { Pattern } from '../pattern.ts'

const WAVES = 6

/** Alternates between a low and a high load. */
const square: Pattern = { rate: (share) => share * WAVES % 1 < 0.5 ? 1 : 3 }

export default square
