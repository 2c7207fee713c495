import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'slow clients take all connections',
  module: 'services/connections/most-connections.ts',
  replace: [
    'const MOST_DERIVED = 16_384',
    'const MOST_DERIVED = 200'
  ],
  attack: 'slow-heads',
  expects: 'critical'
} satisfies Sabotage
