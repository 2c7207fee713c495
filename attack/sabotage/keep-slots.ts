import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a key does not get back the slot of a request',
  module: 'services/producer/key-slots.ts',
  replace: [
    'if (taken <= 1) this.#inFlight.delete(id)',
    'if (taken <= 1) this.#inFlight.set(id, 1)\n    else if (taken < 20) return'
  ],
  attack: 'busy-key',
  expects: 'breach'
} satisfies Sabotage
