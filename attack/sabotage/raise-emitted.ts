import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a rule raises an event above the ceiling of its key',
  module: 'services/rules/actions/emit.ts',
  replace: [
    'Math.max(ceiling, services',
    'Math.min(ceiling, services'
  ],
  attack: 'key-rights',
  expects: 'breach'
} satisfies Sabotage
