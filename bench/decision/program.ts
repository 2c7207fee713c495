/*
 * Measures decisions in a separate process, in which no other code of the bench affects the optimizations of the
 * compiler.
 */
import { measureDecisions } from './measure-decisions.ts'

/** The question to this program. */
export interface DecisionQuestion {
  readonly isRecording: boolean
}

process.on('message', async ({ isRecording }: DecisionQuestion) => {
  process.send?.(await measureDecisions(isRecording))
})
