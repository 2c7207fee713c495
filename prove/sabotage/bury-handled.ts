import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'events that were handled become dead letters',
  module: 'workers/batch-outcome.ts',
  replace: [
    'const outcome = outcomes[index] as Outcome',
    'const outcome = (options.random < 0.05 ? { status: \'dead\', reason: \'nothing\' } : outcomes[index]) as Outcome'
  ],
  expects: 'dead-letters',
  seconds: 20
} satisfies Sabotage
