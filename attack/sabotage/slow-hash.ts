import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'only a key that exists is compared by a slow hash',
  module: 'services/producer/authenticator.ts',
  replace: [
    'if (key === undefined) return undefined',
    'if (key === undefined) return undefined\n  for (let index = 0; index < 1_000_000; index++);'
  ],
  attack: 'unknown-keys',
  expects: 'breach'
} satisfies Sabotage
