import type { SubjectResult } from '../compare.ts'
import type { Interval } from '../measure/mean.ts'

const percent = (share: number) => (100 * share).toFixed(1)
const seconds = (ms: number) => (ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)
const points = (interval: Interval | undefined) =>
  interval ? `${percent(interval.mean)} (${percent(interval.low)} to ${percent(interval.high)})` : ''

/** The columns that a table may have: their headings, and the text of a result. */
export const COLUMNS = {
  goodput: ['goodput %', ({ goodput }) => percent(goodput)],
  worth: ['worth %', ({ worth }) => percent(worth)],
  goodputGain: ['goodput gained, points', ({ gain }) => points(gain?.goodput)],
  worthGain: ['worth gained, points', ({ gain }) => points(gain?.worth)],
  regret: ['below foresight, points', ({ regret }) => points(regret)],
  criticalLost: ['critical lost %', ({ criticalLost }) => percent(criticalLost)],
  normalInBudget: ['normal in budget %', ({ minutesWithinBudget }) => percent(minutesWithinBudget.normal)],
  normalWait: ['p99 wait of normal, s', ({ waitMs }) => seconds(waitMs.normal.p99)],
  lowWait: ['p99 wait of low, s', ({ waitMs }) => seconds(waitMs.low.p99)],
  flips: ['flips', ({ circuitFlips }) => circuitFlips.toFixed(circuitFlips < 10 ? 1 : 0)],
  starved: ['starved s: normal, low', ({ starvedSeconds: { normal, low } }) =>
    `${normal.toFixed(0)}, ${low.toFixed(0)}`],
  amplification: ['offers per event', ({ retryAmplification }) => retryAmplification.toFixed(2)],
  recovery: ['recovery s', ({ recoverySeconds }) => recoverySeconds.toFixed(0)],
  lost: ['given up %', ({ counts: { lost, events } }) => percent(lost / events)],
  parameters: ['tuned values', ({ parameters }) => Object.entries(parameters)
    .map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`).join(', ')]
} as const satisfies Record<string, readonly [heading: string, text: (result: SubjectResult) => string]>

export type ColumnName = keyof typeof COLUMNS
