import type { Pattern } from '../pattern.ts'

const WAVES = 4
const HEIGHT = 0.8

/** Swings between a fifth and nine fifths of the mean, from trough to trough. */
const wave: Pattern = { rate: (share) => 1 - HEIGHT * Math.cos(2 * Math.PI * WAVES * share) }

export default wave
