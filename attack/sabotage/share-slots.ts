import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'all keys share the slots of one',
  module: 'services/producer/key-slots.ts',
  replace: [
    'const taken = this.#inFlight.get(id) ?? 0\n    if (taken >= this.#most)',
    'const taken = [...this.#inFlight.values()].reduce((sum, one) => sum + one, 0)\n    if (taken >= this.#most)'
  ],
  attack: 'slow-and-bombs',
  expects: 'critical'
} satisfies Sabotage
