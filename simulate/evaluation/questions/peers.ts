import type { Question } from '../question.ts'

/** How production compares with algorithms of others, all tuned with the same budget. */
const peers: Question = {
  title: 'Algorithms of others',
  scenarios: ['twitter', 'world-cup', 'azure', 'flash-crowd'],
  variants: { slower: ['--capacity-change', '5'] },
  contestants: [
    'static', 'static-cliff', 'codel', 'gradient2', 'dagor', 'priority-quantiles', 'smooth', 'adaptive',
    'adaptive-smooth', 'random', 'foresight'
  ].map((subject) => ({ subject })),
  seeds: 20,
  tune: 200,
  columns: ['goodput', 'worth', 'worthGain', 'normalInBudget', 'normalWait', 'lowWait', 'flips', 'parameters']
}

export default peers
