import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a JWT counts in each text of the same bytes',
  module: 'services/producer/tokens.ts',
  replace: [
    ' || !hasOneForm(text)) return',
    ') return'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage
