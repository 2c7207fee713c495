import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the rotation of a key with more rights is allowed',
  module: 'services/producer/key-orders.ts',
  replace: [
    'return errors.length > 0 ? { kind: \'exceeding\', errors } : key',
    'return key'
  ],
  attack: 'two-organizations',
  expects: 'breach'
} satisfies Sabotage
