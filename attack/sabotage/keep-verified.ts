import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a verified secret counts after its key was revoked',
  module: 'services/producer/authenticator.ts',
  replace: [
    'if (this.#generation !== keys.generation) {',
    'if (this.#generation === -1) {'
  ],
  attack: 'key-lifecycle',
  expects: 'breach'
} satisfies Sabotage
