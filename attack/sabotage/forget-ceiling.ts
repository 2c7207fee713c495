import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a key may give every priority',
  module: 'services/admission/policies/priority-ceiling.ts',
  replace: [
    'priority < bestPriority ?',
    'priority < 0 ?'
  ],
  attack: 'key-rights',
  expects: 'breach'
} satisfies Sabotage
