import type { Test } from 'tap'
import type { Incident, State } from '../../../dashboard/contract.d.ts'
import { headline } from '../../../dashboard/figures/headline.js'
import { ADMITTED, NOW, refused, stateWith } from './samples.ts'

/** A state, the tone and the text of its headline, and the incidents before it. */
export type HeadlineCase = [changes: Partial<State>, tone: string, text: string, incidents?: Incident[]]

/** Asserts headlines, each as a test of its own. */
export function testHeadlines (t: Test, cases: readonly HeadlineCase[]): void {
  for (const [changes, tone, text, incidents = []] of cases) {
    void t.test(text, async (t) => {
      t.strictSame(headline(stateWith(changes), incidents, { timeZone: 'UTC' }), { tone, text })
    })
  }
}

/** The decisions while low is shed. */
export const SHED_LOW = { critical: ADMITTED, normal: ADMITTED, low: refused('low-priority-shed') }

/** The time so long before the states. */
export const minutesAgo = (minutes: number) => NOW - minutes * 60_000

/** Redis above its critical threshold. */
export const MEMORY = {
  usedBytes: 190 * 1_048_576,
  capacityBytes: 256 * 1_048_576,
  utilizationPercent: 106,
  deadLetterBytes: 0,
  rememberedIds: 0,
  idLifeMs: 600_000,
  thresholds: {
    recovery: 161 * 1_048_576,
    warning: 170 * 1_048_576,
    critical: 179 * 1_048_576,
    hardLimit: 230 * 1_048_576
  }
}
