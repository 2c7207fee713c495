import type { Question } from '../question.ts'

/** Whether thresholds that adapt stand a change of the capacity better than static ones, tuned with and without it. */
const capacity: Question = {
  title: 'Changes of the capacity',
  scenarios: ['twitter', 'world-cup', 'azure'],
  variants: { slower: ['--capacity-change', '5'], faster: ['--capacity-change', '0.2', '--load', '2'] },
  contestants: [
    { subject: 'static' },
    { subject: 'static', name: 'static, tuned for one capacity', tunedWith: ['--capacity-change', '1'] },
    { subject: 'adaptive' },
    { subject: 'foresight' }
  ],
  seeds: 20,
  tune: 50,
  columns: ['goodput', 'goodputGain', 'regret', 'normalInBudget', 'criticalLost', 'flips', 'parameters']
}

export default capacity
