import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'verified JWTs are verified again with each request',
  module: 'services/producer/verified-tokens.ts',
  replace: [
    'const MOST_TOKENS = 10_000',
    'const MOST_TOKENS = 0'
  ],
  attack: 'token-floods',
  expects: 'cpu'
} satisfies Sabotage
