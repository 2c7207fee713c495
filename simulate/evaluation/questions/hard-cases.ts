import type { Question } from '../question.ts'

/** Consumers and arrivals that deceive a controller. */
const hardCases: Question = {
  title: 'Hard cases',
  scenarios: ['time-outs', 'oscillating', 'poison', 'flash-crowd'],
  variants: { usual: [], overloaded: ['--load', '1.5'] },
  contestants: ['static', 'smooth', 'adaptive', 'adaptive-smooth'].map((subject) => ({ subject })),
  seeds: 20,
  tune: 20,
  columns: ['goodput', 'worth', 'normalInBudget', 'starved', 'flips', 'criticalLost']
}

export default hardCases
