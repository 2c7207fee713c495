import type { Sample } from '../result.ts'
import { heading } from './metric.ts'
import { alike } from './number.ts'

/** Formats a sample in a line with its first figure, to show progress and whether the rounds agree. */
export function progressLine (scenario: string, round: string, subject: string, sample: Sample): string {
  const [first] = Object.entries(sample)
  return `${scenario} ${round} ${subject}${
    first === undefined ? '' : `: ${alike([first[1]]).join('')} ${heading(first[0])}`
  }`
}
