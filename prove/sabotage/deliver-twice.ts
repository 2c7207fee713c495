import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'every batch is delivered twice',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'const delivery = this.#send(events, signal)',
    'await this.#send(events, signal)\n    const delivery = this.#send(events, signal)'
  ],
  expects: 'duplicates',
  seconds: 5
} satisfies Sabotage
