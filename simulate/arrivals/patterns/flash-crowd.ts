import type { Pattern } from '../pattern.ts'

const BEGIN = 0.3
const GROWN = 0.32
const DECAY = 0.08
const PEAK = 8

/** Calm, then eight times the load within moments, which dies away slowly. */
const flashCrowd: Pattern = {
  rate: (share) => {
    if (share < BEGIN) return 1
    if (share < GROWN) return 1 + (PEAK - 1) * (share - BEGIN) / (GROWN - BEGIN)
    return 1 + (PEAK - 1) * Math.exp(-(share - GROWN) / DECAY)
  }
}

export default flashCrowd
