import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a verified JWT counts after the provider withdrew its key',
  module: 'services/producer/signing-keys.ts',
  replace: [
    'held.isCurrent = this.#byId.get(id) === held',
    'held.isCurrent = id !== null'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage
