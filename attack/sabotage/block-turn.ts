import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the answer to a wrong field blocks the event loop',
  module: 'plugins/problem-details.ts',
  replace: [
    'const status = error.statusCode ?? 500',
    'for (let index = 0; index < 500_000_000; index++);\n    const status = error.statusCode ?? 500'
  ],
  attack: 'compressed-bodies',
  expects: 'turn'
} satisfies Sabotage
