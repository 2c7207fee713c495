import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a JWT for another service is accepted',
  module: 'services/producer/tokens.ts',
  replace: [
    '        audience,\n        algorithms',
    '        algorithms'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage
