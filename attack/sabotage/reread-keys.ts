import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'each JWT with an unknown key makes the service read the key set',
  module: 'services/producer/key-set.ts',
  replace: [
    'this.#options.elapsed() - this.#triedAt >= this.#coolDownMs',
    'this.#triedAt >= -Infinity'
  ],
  attack: 'token-floods',
  expects: 'breach'
} satisfies Sabotage
