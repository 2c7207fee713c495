import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a verified JWT counts after its end',
  module: 'services/producer/verified-tokens.ts',
  replace: [
    'return at < token.untilMs ? token.producer',
    'return at > 0 ? token.producer'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage
